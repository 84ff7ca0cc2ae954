using OneRing.Data.Idempotency;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Idempotency;

public sealed class IdempotencyServiceTests_InMemory(InMemory database) : IdempotencyServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class IdempotencyServiceTests_Postgres(Postgres database) : IdempotencyServiceTests(database), IClassFixture<Postgres>;

public abstract class IdempotencyServiceTests(TestDatabase database)
{
    private IdempotencyService Keys => database.Get<IdempotencyService>();

    [Fact]
    public async Task A_key_is_new_once()
    {
        var key = Given.NewKey();

        var first = await Keys.CheckAndSetAsync("mail", key);
        var second = await Keys.CheckAndSetAsync("mail", key);
        var elsewhere = await Keys.CheckAndSetAsync("digest", key);

        Assert.True(Given.Succeed(first));
        Assert.False(Given.Succeed(second));
        Assert.True(Given.Succeed(elsewhere));
    }

    [Fact]
    public async Task To_check_a_key_does_not_set_it()
    {
        var key = Given.NewKey();

        var before = await Keys.CheckAsync("mail", key);
        var still = await Keys.CheckAsync("mail", key);
        await Keys.CheckAndSetAsync("mail", key);

        Assert.False(before);
        Assert.False(still);
        Assert.True(await Keys.CheckAsync("mail", key));
        Assert.False(await Keys.CheckAsync("digest", key));
    }

    [Fact]
    public async Task A_cleared_key_is_new_again()
    {
        var (key, other) = (Given.NewKey(), Given.NewKey());
        await Keys.CheckAndSetAsync("mail", key);
        await Keys.CheckAndSetAsync("mail", other);

        var cleared = await Keys.ClearAsync("mail", key);
        var clearedAgain = await Keys.ClearAsync("mail", key);

        Assert.True(cleared);
        Assert.False(clearedAgain);
        Assert.False(await Keys.CheckAsync("mail", key));
        Assert.True(await Keys.CheckAsync("mail", other));
        Assert.True(Given.Succeed(await Keys.CheckAndSetAsync("mail", key)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task A_key_that_cannot_be_kept_is_refused(string key)
    {
        var result = await Keys.CheckAndSetAsync("mail", key);

        Assert.Equal(Refusal.KeyInvalid, result.Refusal);
    }

    [Fact]
    public async Task A_key_has_at_most_200_characters()
    {
        var longest = await Keys.CheckAndSetAsync("mail", new string('k', 200));
        var longer = await Keys.CheckAndSetAsync("mail", new string('k', 201));

        Assert.True(Given.Succeed(longest));
        Assert.Equal(Refusal.KeyInvalid, longer.Refusal);
    }

    [Fact]
    public async Task Of_32_who_ask_at_once_one_is_told_that_the_key_is_new()
    {
        for (var round = 0; round < 10; round++)
        {
            var key = Given.NewKey();

            var results = await Race.AtOnceAsync(32, _ => Keys.CheckAndSetAsync("mail", key));

            Assert.Single(results.Select(Given.Succeed), isNew => isNew);
        }
    }
}
