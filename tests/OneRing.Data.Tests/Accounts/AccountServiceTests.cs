using OneRing.Data.Accounts;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Accounts;

public sealed class AccountServiceTests_InMemory(InMemory database) : AccountServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class AccountServiceTests_Postgres(Postgres database) : AccountServiceTests(database), IClassFixture<Postgres>;

public abstract class AccountServiceTests(TestDatabase database)
{
    private AccountService Accounts => database.Get<AccountService>();

    [Fact]
    public async Task Of_many_who_want_a_handle_at_once_exactly_one_gets_it()
    {
        for (var round = 0; round < 4; round++)
        {
            var handle = NewHandle();

            var results = await Race.AtOnceAsync(16, i =>
                Accounts.SignUpAsync(new SignUp(i % 2 == 0 ? handle : handle.ToUpperInvariant(), $"Number {i}", Password: null)));

            var winner = Assert.Single(results, result => result.Succeeded);
            Assert.All(results.Except([winner]), result => Assert.Equal(Refusal.HandleTaken, result.Refusal));
            Assert.Equal(1, await CountAsync(handle));
            Assert.Equal(handle, (await Accounts.FindAsync(winner.Value!))!.Handle);
        }
    }

    [Fact]
    public async Task A_handle_is_one_in_any_case_and_with_or_without_its_sign()
    {
        var handle = NewHandle();
        var ana = Given.Succeed(await Accounts.SignUpAsync(new SignUp($"  @{handle.ToUpperInvariant()} ", "Ana", Password: null)));

        Assert.Equal(new AccountView(ana, handle, "Ana", IsAdmin: false), await Accounts.FindAsync(ana));
        Assert.Equal(Refusal.HandleTaken, (await Accounts.SignUpAsync(new SignUp(handle, "Other", Password: null))).Refusal);
        Assert.Equal(Refusal.HandleTaken, (await Accounts.SignUpAsync(new SignUp($"@{handle}", "Other", "a long password"))).Refusal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("a_handle_of_more_than_thirty_ch")]
    [InlineData("with space")]
    [InlineData("with-dash")]
    [InlineData("ümlaut")]
    [InlineData("abc\0")]
    [InlineData("abc\ndef")]
    [InlineData("аbc")]
    public async Task What_cannot_be_a_handle_is_refused(string handle)
    {
        var before = await CountAsync();

        Assert.Equal(Refusal.HandleInvalid, (await Accounts.SignUpAsync(new SignUp(handle, "Ana", Password: null))).Refusal);

        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task A_display_name_is_trimmed_and_has_at_most_sixty_characters()
    {
        Assert.Equal("Ana Óʻ", await NameAsync("  Ana Óʻ\t"));
        Assert.Equal(Repeat("\U0001F48D", 60), await NameAsync(Repeat("\U0001F48D", 60)));

        var before = await CountAsync();
        foreach (var name in (string[])[Repeat("\U0001F48D", 61), new('x', 61), "A\0na", $"Ana{'\uD83D'}", $"{'\uDC8D'}Ana"])
        {
            Assert.Equal(Refusal.DisplayNameInvalid, (await Accounts.SignUpAsync(new SignUp(NewHandle(), name, Password: null))).Refusal);
        }
        Assert.Equal(before, await CountAsync());
    }

    [Theory]
    [InlineData("0193a1b2-0000-7000-8000-000000000001", null, "@u_d13b73")]
    [InlineData("ana", "", "@u_19104f")]
    [InlineData("ben", " \n", "@u_df0a64")]
    public async Task Who_chooses_no_name_is_shown_by_one_made_from_the_id(string id, string? displayName, string expected)
    {
        await Accounts.SignUpAsync(new SignUp(NewHandle(), displayName, Password: null, Id: id));

        Assert.Equal(expected, (await Accounts.FindAsync(id))!.Name);
    }

    [Fact]
    public async Task An_id_that_is_in_use_is_refused_with_the_same_handle_or_another()
    {
        var handle = NewHandle();
        var id = Given.Succeed(await Accounts.SignUpAsync(new SignUp(handle, "Ana", Password: null, Id: handle)));

        Assert.Equal(Refusal.HandleTaken, (await Accounts.SignUpAsync(new SignUp(handle, "Ana", Password: null, Id: id))).Refusal);
        Assert.Equal(Refusal.HandleTaken, (await Accounts.SignUpAsync(new SignUp(NewHandle(), "Ana", Password: null, Id: id))).Refusal);
        Assert.Equal(1, await CountAsync(handle));
    }

    [Fact]
    public async Task A_password_is_long_enough_or_refused()
    {
        var before = await CountAsync();

        Assert.Equal(Refusal.PasswordTooWeak, (await Accounts.SignUpAsync(new SignUp(NewHandle(), "Ana", "too short"))).Refusal);
        Assert.Equal(Refusal.PasswordTooWeak, (await Accounts.SignUpAsync(new SignUp(NewHandle(), "Ana", "aaaaaaaaaaaaaaaa"))).Refusal);
        Assert.Equal(before, await CountAsync());
        Assert.True((await Accounts.SignUpAsync(new SignUp(NewHandle(), "Ana", "long enough"))).Succeeded);
    }

    [Fact]
    public async Task Admins_are_made_and_the_disabled_are_not_found()
    {
        var ada = await database.Services.APersonAsync("Ada", isAdmin: true);
        Assert.True((await Accounts.FindAsync(ada))!.IsAdmin);

        await using var connection = await database.OpenDirectAsync();
        await connection.ExecuteAsync($"update users set disabled_at = created_at where id = '{ada}'");

        Assert.Null(await Accounts.FindAsync(ada));
        Assert.Null(await Accounts.FindAsync("nobody"));
    }

    private static string NewHandle() => $"ana_{Guid.NewGuid():N}"[..20];

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private async Task<string> NameAsync(string displayName) =>
        (await Accounts.FindAsync(Given.Succeed(await Accounts.SignUpAsync(new SignUp(NewHandle(), displayName, Password: null)))))!.Name;

    private async Task<long> CountAsync(string? handle = null)
    {
        await using var connection = await database.OpenDirectAsync();
        return await connection.CountAsync($"select count(*) from users where {(handle is null ? "1 = 1" : $"handle = '{handle}'")}");
    }
}
