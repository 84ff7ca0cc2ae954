using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Accounts;

public sealed class AccessTokenServiceTests_InMemory(InMemory database) : AccessTokenServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class AccessTokenServiceTests_Postgres(Postgres database) : AccessTokenServiceTests(database), IClassFixture<Postgres>;

public abstract class AccessTokenServiceTests(TestDatabase database)
{
    private AccessTokenService Tokens => database.Get<AccessTokenService>();

    [Fact]
    public async Task A_token_says_whose_it_is_and_no_other_text_does()
    {
        var (ana, ben) = (await database.Services.APersonAsync("Ana"), await database.Services.APersonAsync("Ben"));
        var ofAna = await MakeAsync(ana);
        var ofBen = await MakeAsync(ben);

        Assert.Matches("^or_[A-Za-z0-9_-]{43}$", ofAna.Secret);
        Assert.Equal(ana, await Tokens.FindUserIdAsync(ofAna.Secret));
        Assert.Equal(ben, await Tokens.FindUserIdAsync(ofBen.Secret));
        var last = ofAna.Secret[^2] == 'A' ? 'B' : 'A';
        foreach (var wrong in (string[])["", "or_", ofAna.Secret[3..], ofAna.Secret + "A", ofAna.Secret[..^2] + last + ofAna.Secret[^1], "or_" + new string('\0', 43), ana])
        {
            Assert.Null(await Tokens.FindUserIdAsync(wrong));
        }
    }

    [Fact]
    public async Task A_token_is_not_kept_as_it_is()
    {
        var ana = await database.Services.APersonAsync("Ana");
        var token = await MakeAsync(ana);

        await using var connection = await database.OpenDirectAsync();
        Assert.Equal(0, await connection.CountAsync($"select count(*) from access_tokens where name like '%{token.Secret[3..]}%' or user_id like '%{token.Secret[3..]}%'"));
        Assert.Equal(1, await connection.CountAsync($"select count(*) from access_tokens where user_id = '{ana}' and length(token_hash) = 32"));
    }

    [Fact]
    public async Task A_revoked_token_is_refused_at_once_and_only_its_owner_or_the_keeper_of_the_server_revokes_it()
    {
        var (ana, ben) = (await database.Services.APersonAsync("Ana"), await database.Services.APersonAsync("Ben"));
        var (first, second) = (await MakeAsync(ana), await MakeAsync(ana));

        Assert.Equal(Refusal.TokenUnknown, (await Tokens.RevokeAsync(ben, first.Id)).Refusal);
        Assert.Equal(ana, await Tokens.FindUserIdAsync(first.Secret));

        Assert.True((await Tokens.RevokeAsync(ana, first.Id)).Succeeded);
        Assert.True((await Tokens.RevokeAsync(second.Id)).Succeeded);
        Assert.Null(await Tokens.FindUserIdAsync(first.Secret));
        Assert.Null(await Tokens.FindUserIdAsync(second.Secret));
        Assert.Equal(Refusal.TokenUnknown, (await Tokens.RevokeAsync(ana, first.Id)).Refusal);
        Assert.Empty(await Tokens.ListAsync(ana));
    }

    [Fact]
    public async Task A_token_ends_when_its_days_are_over()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var tokens = services.GetRequiredService<AccessTokenService>();
        var ana = await services.APersonAsync("Ana");
        var month = Given.Succeed(await tokens.CreateAsync(new NewAccessToken(ana, "a month", 30)));
        var ever = Given.Succeed(await tokens.CreateAsync(new NewAccessToken(ana, "for ever")));

        clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        Assert.Equal(ana, await tokens.FindUserIdAsync(month.Secret));

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await tokens.FindUserIdAsync(month.Secret));
        Assert.Equal(ana, await tokens.FindUserIdAsync(ever.Secret));
        Assert.Equal(2, (await tokens.ListAsync(ana)).Count);
    }

    [Fact]
    public async Task The_last_use_is_kept_to_the_minute()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var tokens = services.GetRequiredService<AccessTokenService>();
        var ana = await services.APersonAsync("Ana");
        var secret = Given.Succeed(await tokens.CreateAsync(new NewAccessToken(ana, "my script"))).Secret;
        async Task<DateTimeOffset?> UseAsync()
        {
            await tokens.FindUserIdAsync(secret);
            return Assert.Single(await tokens.ListAsync(ana)).LastUsedAt;
        }

        Assert.Null(Assert.Single(await tokens.ListAsync(ana)).LastUsedAt);
        var first = await UseAsync();
        clock.Advance(TimeSpan.FromSeconds(59));
        var second = await UseAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        var third = await UseAsync();

        Assert.Equal((new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero), first, first?.AddMinutes(1)), (first!.Value, second, third));
    }

    [Fact]
    public async Task Who_is_disabled_has_no_tokens_and_gets_none()
    {
        var ana = await database.Services.APersonAsync("Ana");
        var token = await MakeAsync(ana);
        await using var connection = await database.OpenDirectAsync();
        await connection.ExecuteAsync($"update users set disabled_at = created_at where id = '{ana}'");

        Assert.Null(await Tokens.FindUserIdAsync(token.Secret));
        Assert.Equal(Refusal.Forbidden, (await Tokens.CreateAsync(new NewAccessToken(ana, "my script"))).Refusal);
        Assert.Equal(Refusal.Forbidden, (await Tokens.CreateAsync(new NewAccessToken("nobody", "my script"))).Refusal);
    }

    [Fact]
    public async Task Nobody_has_more_tokens_that_are_good_than_they_can_look_after()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
        await using var services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
        var tokens = services.GetRequiredService<AccessTokenService>();
        var (ana, ben) = (await services.APersonAsync("Ana"), await services.APersonAsync("Ben"));
        var made = new List<MadeAccessToken>();
        while (made.Count < AccessTokenService.MostActive)
        {
            made.Add(Given.Succeed(await tokens.CreateAsync(new NewAccessToken(ana, $"script {made.Count}", Days: made.Count == 0 ? 1 : null))));
        }

        Assert.Equal(Refusal.TooManyTokens, (await tokens.CreateAsync(new NewAccessToken(ana, "one more"))).Refusal);
        Assert.Equal(AccessTokenService.MostActive, (await tokens.ListAsync(ana)).Count);
        Assert.Equal(ana, await tokens.FindUserIdAsync(made[^1].Secret));
        Given.Succeed(await tokens.CreateAsync(new NewAccessToken(ben, "of somebody else")));

        // One that is revoked makes room, and one that has run out.
        Given.Succeed(await tokens.RevokeAsync(ana, made[1].Id));
        Given.Succeed(await tokens.CreateAsync(new NewAccessToken(ana, "in its place")));
        Assert.Equal(Refusal.TooManyTokens, (await tokens.CreateAsync(new NewAccessToken(ana, "one more"))).Refusal);
        clock.Advance(TimeSpan.FromDays(1));
        Given.Succeed(await tokens.CreateAsync(new NewAccessToken(ana, "in its place")));
        Assert.Equal(Refusal.TooManyTokens, (await tokens.CreateAsync(new NewAccessToken(ana, "one more"))).Refusal);
    }

    [Fact]
    public async Task Many_at_once_do_not_make_more_tokens_than_there_is_room_for()
    {
        var ana = await database.Services.APersonAsync("Ana");
        for (var i = 0; i < AccessTokenService.MostActive - 3; i++)
        {
            await MakeAsync(ana);
        }

        for (var round = 0; round < 10; round++)
        {
            var results = await Race.AtOnceAsync(12, i => Tokens.CreateAsync(new NewAccessToken(ana, $"one of many {i}")));

            Assert.Equal(3, results.Count(result => result.Succeeded));
            Assert.Equal(9, results.Count(result => result.Refusal == Refusal.TooManyTokens));
            Assert.Equal(AccessTokenService.MostActive, (await Tokens.ListAsync(ana)).Count);
            foreach (var made in results.Where(result => result.Succeeded))
            {
                Given.Succeed(await Tokens.RevokeAsync(ana, made.Value!.Id));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\0b")]
    [InlineData("a name of more than sixty characters, which is more than anybody needs")]
    public async Task A_token_has_a_name_that_can_be_read(string name)
    {
        var ana = await database.Services.APersonAsync("Ana");

        Assert.Equal(Refusal.TokenNameInvalid, (await Tokens.CreateAsync(new NewAccessToken(ana, name))).Refusal);

        Assert.Empty(await Tokens.ListAsync(ana));
    }

    private async Task<MadeAccessToken> MakeAsync(string userId) => Given.Succeed(await Tokens.CreateAsync(new NewAccessToken(userId, "my script")));
}
