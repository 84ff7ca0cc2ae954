using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Mail;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Accounts;
using OneRing.Tests.Databases;
using OneRing.Tests.Mail;

namespace OneRing.Data.Tests.Accounts;

public sealed class SecurityServiceTests_InMemory(InMemory database) : SecurityServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class SecurityServiceTests_Postgres(Postgres database) : SecurityServiceTests(database), IClassFixture<Postgres>;

public abstract class SecurityServiceTests(TestDatabase database) : IAsyncLifetime
{
    private const string Password = "a lamp that would not sleep";
    private const string Site = "https://ring.test";

    private readonly SmtpListener post = SmtpListener.Start();
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
    private readonly Diary diary = new();
    private ServiceProvider services = null!;

    private SecurityService Security => services.GetRequiredService<SecurityService>();

    private SignInService People => services.GetRequiredService<SignInService>();

    public async Task InitializeAsync()
    {
        services = database.BuildServices(
            clock,
            configure: s => s.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(diary)),
            settings: post.Settings.ToDictionary(s => s.Name, s => (string?)s.Value));
        await services.PrepareDatabaseAsync();
        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync("delete from outbox_mails");
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        await post.DisposeAsync();
        diary.Dispose();
    }

    [Theory]
    [InlineData("too short", Refusal.PasswordTooWeak)]
    [InlineData("aaaabbbbcccc", Refusal.PasswordTooWeak)]
    [InlineData("PASSWORD1234", Refusal.PasswordTooCommon)]
    [InlineData("qwertyuiop", Refusal.PasswordTooCommon)]
    public async Task A_password_that_is_guessed_first_is_refused_wherever_it_is_chosen(string weak, Refusal expected)
    {
        var ana = await APersonAsync();

        Assert.Equal(expected, (await services.GetRequiredService<AccountService>().SignUpAsync(new SignUp($"x{Guid.NewGuid():N}"[..20], null, weak))).Refusal);
        Assert.Equal(expected, (await Security.ChangePasswordAsync(ana.Id, Password, weak)).Refusal);
        Assert.Equal(expected, (await Security.ChoosePasswordAsync(ana.Handle, await TokenAsync(ana.Handle), weak)).Refusal);
        Assert.NotNull(await People.FindAsync(ana.Handle, Password));
    }

    [Theory]
    [InlineData("my OneRing password", false)]
    [InlineData("One ring to rule them all", false)]
    [InlineData("the_one-ring_2026", false)]
    [InlineData("the ring.test of time", true)]
    [InlineData("a lamp at Lampstead", false)]
    [InlineData("someone ringing the bell", true)]
    public async Task A_password_does_not_hold_the_name_of_this_place(string password, bool isTaken)
    {
        await using var named = database.BuildServices(clock, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["OneRing:PublicUrl"] = "https://ring.lampstead.test/" });
        await named.PrepareDatabaseAsync();

        var result = await named.GetRequiredService<AccountService>().SignUpAsync(new SignUp($"x{Guid.NewGuid():N}"[..20], null, password));

        Assert.Equal(isTaken ? null : Refusal.PasswordNamesPlace, result.Refusal);
    }

    [Fact]
    public async Task A_password_does_not_hold_the_handle_and_is_not_endless()
    {
        var ana = await APersonAsync();

        Assert.Equal(Refusal.PasswordNamesHandle, (await Security.ChangePasswordAsync(ana.Id, Password, $"my {ana.Handle.ToUpperInvariant()} here")).Refusal);
        Assert.Equal(Refusal.PasswordTooWeak, (await Security.ChangePasswordAsync(ana.Id, Password, string.Concat(Enumerable.Repeat("abcd", 51)))).Refusal);
    }

    [Fact]
    public async Task Changing_the_password_asks_for_the_present_one_and_gives_the_account_another_stamp()
    {
        var ana = await APersonAsync();
        var before = await StampAsync(ana.Id);

        Assert.Equal(Refusal.PasswordWrong, (await Security.ChangePasswordAsync(ana.Id, "not the password", "an old coat in the rain")).Refusal);
        Assert.Equal(before, await StampAsync(ana.Id));
        Assert.True((await Security.ChangePasswordAsync(ana.Id, Password, "an old coat in the rain")).Succeeded);

        Assert.NotEqual(before, await StampAsync(ana.Id));
        Assert.Null(await People.FindAsync(ana.Handle, Password));
        Assert.NotNull(await People.FindAsync(ana.Handle, "an old coat in the rain"));
    }

    [Fact]
    public async Task The_present_password_cannot_be_guessed_in_a_session_either()
    {
        var ana = await APersonAsync();
        for (var i = 0; i < 5; i++)
        {
            await Security.ChangePasswordAsync(ana.Id, $"wrong password {i}", "an old coat in the rain");
        }

        Assert.Equal(Refusal.PasswordWrong, (await Security.ChangePasswordAsync(ana.Id, Password, "an old coat in the rain")).Refusal);
    }

    [Fact]
    public async Task Each_change_to_the_ways_in_gives_the_account_another_stamp()
    {
        var ana = await APersonAsync();
        var stamps = new List<string> { await StampAsync(ana.Id) };

        var key = Given.Succeed(await Security.StartTwoFactorAsync(ana.Id));
        Assert.Equal(stamps[0], await StampAsync(ana.Id));
        Given.Succeed(await Security.ConfirmTwoFactorAsync(ana.Id, Authenticator.CodeFor(key, clock.GetUtcNow()), Password));
        stamps.Add(await StampAsync(ana.Id));
        Given.Succeed(await Security.TurnTwoFactorOffAsync(ana.Id, Password));
        stamps.Add(await StampAsync(ana.Id));
        Given.Succeed(await Security.SignOutEverywhereAsync(ana.Id));
        stamps.Add(await StampAsync(ana.Id));
        Given.Succeed(await Security.ChoosePasswordAsync(ana.Handle, await TokenAsync(ana.Handle), "an old coat in the rain"));
        stamps.Add(await StampAsync(ana.Id));

        Assert.Distinct(stamps);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Signing_out_everywhere_ends_access_tokens_too(bool byAnAdmin)
    {
        var (ana, ben) = (await APersonAsync(), await APersonAsync());
        var tokens = services.GetRequiredService<AccessTokenService>();
        var anas = Given.Succeed(await tokens.CreateAsync(new NewAccessToken(ana.Id, "Script"))).Secret;
        var bens = Given.Succeed(await tokens.CreateAsync(new NewAccessToken(ben.Id, "Script"))).Secret;
        Assert.Equal(ana.Id, await tokens.FindUserIdAsync(anas));

        if (byAnAdmin)
        {
            Given.Succeed(await services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, ana.Id, Act.SignedOut, "a test")));
        }
        else
        {
            Given.Succeed(await Security.SignOutEverywhereAsync(ana.Id));
        }

        Assert.Null(await tokens.FindUserIdAsync(anas));
        Assert.Equal(ben.Id, await tokens.FindUserIdAsync(bens));
    }

    [Fact]
    public async Task Two_factor_is_on_only_after_its_first_code_and_off_only_with_the_password()
    {
        var ana = await APersonAsync();
        var key = Given.Succeed(await Security.StartTwoFactorAsync(ana.Id));
        Assert.Equal(key, await Security.FindTwoFactorKeyAsync(ana.Id));
        Assert.Equal(Refusal.CodeWrong, (await Security.ConfirmTwoFactorAsync(ana.Id, "12345", Password)).Refusal);
        Assert.False((await Security.FindAsync(ana.Id))!.HasTwoFactor);

        var codes = Given.Succeed(await Security.ConfirmTwoFactorAsync(ana.Id, Authenticator.CodeFor(key, clock.GetUtcNow()), Password));

        Assert.Equal(10, codes.Count);
        Assert.Equal((true, 10), ((await Security.FindAsync(ana.Id))!.HasTwoFactor, (await Security.FindAsync(ana.Id))!.RecoveryCodes));
        Assert.Null(await Security.FindTwoFactorKeyAsync(ana.Id));
        Assert.Equal(Refusal.Forbidden, (await Security.StartTwoFactorAsync(ana.Id)).Refusal);
        Assert.Equal(Refusal.PasswordWrong, (await Security.MakeRecoveryCodesAsync(ana.Id, "not the password")).Refusal);
        Assert.Equal(Refusal.PasswordWrong, (await Security.TurnTwoFactorOffAsync(ana.Id, password: null)).Refusal);

        Given.Succeed(await Security.MakeRecoveryCodesAsync(ana.Id, Password));
        Assert.False(await People.UseRecoveryCodeAsync(ana.Id, codes[0]));
        Given.Succeed(await Security.TurnTwoFactorOffAsync(ana.Id, Password));
        Assert.False((await Security.FindAsync(ana.Id))!.HasTwoFactor);
        Assert.Null(await Security.FindTwoFactorKeyAsync(ana.Id));
    }

    [Fact]
    public async Task An_address_counts_once_its_owner_has_confirmed_it_and_the_one_before_is_told()
    {
        var ana = await APersonAsync();
        var (first, second) = (NewAddress(), NewAddress());

        await ConfirmAsync(ana.Id, first);
        Assert.Equal(first, (await Security.FindAsync(ana.Id))!.Email);
        Given.Succeed(await Security.RequestEmailAsync(ana.Id, second, Password, Site));
        Assert.Equal(first, (await Security.FindAsync(ana.Id))!.Email);
        await SendAsync();
        var token = TokenOf(await post.NextAsync(second));

        Assert.Equal(Refusal.LinkSpent, (await Security.ConfirmEmailAsync(ana.Id, NewAddress(), token, Site)).Refusal);
        Assert.Equal(Refusal.LinkSpent, (await Security.ConfirmEmailAsync((await APersonAsync()).Id, second, token, Site)).Refusal);
        Given.Succeed(await Security.ConfirmEmailAsync(ana.Id, second, token, Site));
        Assert.Equal(Refusal.LinkSpent, (await Security.ConfirmEmailAsync(ana.Id, second, token, Site)).Refusal);

        Assert.Equal(second, (await Security.FindAsync(ana.Id))!.Email);
        await SendAsync();
        var notice = await post.NextAsync(first);
        Assert.Equal("Your address on OneRing has changed", notice.Subject);
        Assert.DoesNotContain(second, notice.TextBody, StringComparison.Ordinal);
        // Those that were refused told nobody anything.
        Assert.Single(post.Letters, letter => letter.Subject == notice.Subject);
    }

    [Fact]
    public async Task No_way_in_is_added_changed_or_taken_away_without_the_password()
    {
        var ana = await APersonAsync();
        var key = Given.Succeed(await Security.StartTwoFactorAsync(ana.Id));
        var code = Authenticator.CodeFor(key, clock.GetUtcNow());
        var before = await StampAsync(ana.Id);

        foreach (var wrong in (string?[])["not the password", "", null])
        {
            Assert.Equal(Refusal.PasswordWrong, (await Security.RequestEmailAsync(ana.Id, NewAddress(), wrong, Site)).Refusal);
            Assert.Equal(Refusal.PasswordWrong, (await Security.MayAddPasskeyAsync(ana.Id, wrong)).Refusal);
            await services.GetRequiredService<SignInService>().FindAsync(ana.Handle, Password);
            Assert.Equal(Refusal.PasswordWrong, (await Security.RemovePasskeyAsync(ana.Id, "00", wrong)).Refusal);
            Assert.Equal(Refusal.PasswordWrong, (await Security.ConfirmTwoFactorAsync(ana.Id, code, wrong)).Refusal);
            await services.GetRequiredService<SignInService>().FindAsync(ana.Handle, Password);
        }

        Assert.Equal(before, await StampAsync(ana.Id));
        await SendAsync();
        Assert.Empty(post.Letters);
        // Wrong passwords spend no code.
        Given.Succeed(await Security.MayAddPasskeyAsync(ana.Id, Password));
        Given.Succeed(await Security.ConfirmTwoFactorAsync(ana.Id, code, Password));
    }

    [Fact]
    public async Task Who_has_no_password_is_asked_for_none()
    {
        var ana = await services.APersonAsync("Ana");

        Given.Succeed(await Security.MayAddPasskeyAsync(ana, password: null));
        Given.Succeed(await Security.RequestEmailAsync(ana, NewAddress(), password: null, Site));
        Assert.Equal(Refusal.PasskeyUnknown, (await Security.RemovePasskeyAsync(ana, "00", password: null)).Refusal);
    }

    [Fact]
    public async Task Nobody_learns_whose_an_address_is()
    {
        var (ana, ben) = (await APersonAsync(), await APersonAsync());
        var address = NewAddress();
        await ConfirmAsync(ana.Id, address);

        Assert.True((await Security.RequestEmailAsync(ben.Id, address, Password, Site)).Succeeded);
        Assert.Equal(Refusal.EmailInvalid, (await Security.RequestEmailAsync(ben.Id, "no address", Password, Site)).Refusal);
    }

    [Fact]
    public async Task A_forgotten_password_is_replaced_by_a_link_to_the_confirmed_address()
    {
        var ana = await APersonAsync();
        var address = NewAddress();
        await ConfirmAsync(ana.Id, address);

        await Security.RequestPasswordAsync($"@{ana.Handle}", Site);
        await SendAsync();
        var byHandle = TokenOf(await post.NextAsync(address));
        await Security.RequestPasswordAsync(address.ToUpperInvariant(), Site);
        await SendAsync();
        var byAddress = TokenOf(await post.NextAsync(address));

        Assert.Equal(ana.Id, (await Security.ChoosePasswordAsync(ana.Handle, byAddress, "an old coat in the rain")).Value);
        Assert.Equal(Refusal.LinkSpent, (await Security.ChoosePasswordAsync(ana.Handle, byAddress, "another coat in the rain")).Refusal);
        Assert.Equal(Refusal.LinkSpent, (await Security.ChoosePasswordAsync(ana.Handle, byHandle, "another coat in the rain")).Refusal);
        Assert.NotNull(await People.FindAsync(ana.Handle, "an old coat in the rain"));
    }

    [Fact]
    public async Task Without_a_confirmed_address_no_link_is_sent_and_there_are_never_many()
    {
        var (ana, ben) = (await APersonAsync(), await APersonAsync());
        var address = NewAddress();
        await ConfirmAsync(ana.Id, address);

        await Security.RequestPasswordAsync(ben.Handle, Site);
        await Security.RequestPasswordAsync("nobody_at_all", Site);
        await Security.RequestPasswordAsync("", Site);
        for (var i = 0; i < 12; i++)
        {
            await Security.RequestPasswordAsync(ana.Handle, Site);
        }
        await SendAsync();

        // With the one that confirmed the address.
        Assert.Equal(5, post.Letters.Count);
        Assert.All(post.Letters, letter => Assert.Equal(address, letter.To.ToString()));
        Assert.Equal(Refusal.TooManyMails, (await Security.RequestEmailAsync(ana.Id, NewAddress(), Password, Site)).Refusal);
    }

    [Fact]
    public async Task A_new_password_by_link_opens_an_account_that_too_many_tries_had_locked()
    {
        var ana = await APersonAsync();
        for (var i = 0; i < 5; i++)
        {
            await People.FindAsync(ana.Handle, $"wrong password {i}");
        }

        Given.Succeed(await Security.ChoosePasswordAsync(ana.Handle, await TokenAsync(ana.Handle), "an old coat in the rain"));

        Assert.NotNull(await People.FindAsync(ana.Handle, "an old coat in the rain"));
    }

    [Fact]
    public async Task The_disabled_change_nothing()
    {
        var ana = await APersonAsync();
        var token = await TokenAsync(ana.Handle);
        await using (var connection = await database.OpenDirectAsync(services))
        {
            await connection.ExecuteAsync("update users set disabled_at = created_at where id = @id", ("id", ana.Id));
        }

        Assert.Null(await Security.FindAsync(ana.Id));
        Assert.Equal(Refusal.PasswordWrong, (await Security.ChangePasswordAsync(ana.Id, Password, "an old coat in the rain")).Refusal);
        Assert.Equal(Refusal.LinkSpent, (await Security.ChoosePasswordAsync(ana.Handle, token, "an old coat in the rain")).Refusal);
        Assert.Equal(Refusal.PasswordWrong, (await Security.RequestEmailAsync(ana.Id, NewAddress(), Password, Site)).Refusal);
        Assert.Equal(Refusal.Forbidden, (await Security.StartTwoFactorAsync(ana.Id)).Refusal);
        Assert.Equal(Refusal.Forbidden, (await Security.SignOutEverywhereAsync(ana.Id)).Refusal);
    }

    [Fact]
    public async Task No_password_code_key_or_token_is_in_the_database_or_in_the_log()
    {
        var ana = await APersonAsync();
        var address = NewAddress();
        await ConfirmAsync(ana.Id, address);
        await Security.RequestPasswordAsync(ana.Handle, Site);
        await SendAsync();
        var token = TokenOf(await post.NextAsync(address));
        var key = Given.Succeed(await Security.StartTwoFactorAsync(ana.Id));
        var codes = Given.Succeed(await Security.ConfirmTwoFactorAsync(ana.Id, Authenticator.CodeFor(key, clock.GetUtcNow()), Password));
        await People.FindAsync(ana.Handle, Password);
        await People.UseRecoveryCodeAsync(ana.Id, codes[0]);

        string[] secrets = [Password, token, key, .. codes, .. codes.Select(code => code.Replace("-", "", StringComparison.Ordinal))];
        var dump = await database.DumpAsync(services);
        Assert.Contains(ana.Handle, dump, StringComparison.Ordinal);
        Assert.True(diary.Text.Contains(ana.Id, StringComparison.Ordinal) || diary.Text.Length > 1000, "The log is empty.");
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, dump, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, diary.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static string NewAddress() => $"ana.{Guid.NewGuid():N}@example.test";

    private static string TokenOf(MimeKit.MimeMessage letter) =>
        AccountLinks.ReadToken(letter.TextBody!.Split('\n').Single(line => line.StartsWith("https:", StringComparison.Ordinal)).Trim().Split("token=")[1])!;

    private async Task ConfirmAsync(string userId, string address)
    {
        Given.Succeed(await Security.RequestEmailAsync(userId, address, Password, Site));
        await SendAsync();
        Given.Succeed(await Security.ConfirmEmailAsync(userId, address, TokenOf(await post.NextAsync(address)), Site));
    }

    private Task<int> SendAsync() => ActivatorUtilities.CreateInstance<MailSender>(services).SendDueAsync(default);

    private Task<string?> TokenAsync(string handle) => services.GetRequiredService<AccountService>().MakePasswordTokenAsync(handle);

    private async Task<(string Id, string Handle)> APersonAsync()
    {
        var id = await services.APersonAsync("Ana", password: Password);
        return (id, await services.HandleOfAsync(id));
    }

    private async Task<string> StampAsync(string userId)
    {
        await using var connection = await database.OpenDirectAsync(services);
        return Assert.Single(await connection.ReadAsync("select security_stamp from users where id = @id", ("id", userId)));
    }

    /// <summary>Everything that was logged.</summary>
    private sealed class Diary : ILoggerProvider, ILogger
    {
        private readonly StringBuilder text = new();

        public string Text
        {
            get
            {
                lock (text)
                {
                    return text.ToString();
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (text)
            {
                text.AppendLine(formatter(state, exception)).AppendLine(exception?.ToString());
            }
        }

        public void Dispose()
        {
        }
    }
}
