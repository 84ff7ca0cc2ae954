using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Accounts;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Accounts;

public sealed class SignInServiceTests_InMemory(InMemory database) : SignInServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class SignInServiceTests_Postgres(Postgres database) : SignInServiceTests(database), IClassFixture<Postgres>;

public abstract class SignInServiceTests(TestDatabase database) : IAsyncLifetime
{
    private const string Password = "a lamp that would not sleep";

    private readonly CountingHasher hasher = new();
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
    private ServiceProvider services = null!;

    private SignInService People => services.GetRequiredService<SignInService>();

    private SecurityService Security => services.GetRequiredService<SecurityService>();

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock, configure: s => s.AddSingleton<IPasswordHasher<User>>(hasher));
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [Fact]
    public async Task Handle_and_password_find_their_person()
    {
        var (id, handle) = await APersonAsync();

        Assert.Equal(id, (await People.FindAsync($" @{handle.ToUpperInvariant()}", Password))?.Id);
        Assert.Null(await People.FindAsync(handle, "not the password"));
        Assert.Null(await People.FindAsync(handle, ""));
    }

    [Theory]
    [InlineData(" A lamp, that would NOT sleep ")]
    [InlineData("\tпароль 密码 🔑 e\u0301")]
    [InlineData("a sentence of far more than sixty-four characters, because whoever likes may take a whole verse for a password, with its end")]
    public async Task A_password_is_taken_exactly_as_it_is_typed(string password)
    {
        var id = await services.APersonAsync("Ana", password: password);
        var handle = await services.HandleOfAsync(id);

        foreach (var other in (string[])[password.Trim(), password.ToUpperInvariant(), password.ToLowerInvariant(), password[..^1], password.Normalize(), $"{password} "])
        {
            if (other != password)
            {
                Assert.Null(await People.FindAsync(handle, other));
                Assert.Equal(id, (await People.FindAsync(handle, password))?.Id);
            }
        }
    }

    [Fact]
    public async Task A_password_is_hashed_exactly_once_whoever_is_asked_for()
    {
        var (_, right) = await APersonAsync();
        var (_, wrong) = await APersonAsync();
        var (lockedId, locked) = await APersonAsync();
        var (disabledId, disabled) = await APersonAsync();
        var nobodysPassword = await services.HandleOfAsync(await services.APersonAsync("Demo"));
        await UpdateAsync(lockedId, "lockout_end = @at", clock.GetUtcNow().AddMinutes(5));
        await UpdateAsync(disabledId, "disabled_at = @at", clock.GetUtcNow());

        Assert.NotNull(await CountAsync(right, Password));
        Assert.Null(await CountAsync(wrong, "not the password"));
        Assert.Null(await CountAsync(locked, Password));
        Assert.Null(await CountAsync(disabled, Password));
        Assert.Null(await CountAsync(nobodysPassword, Password));
        Assert.Null(await CountAsync("nobody_at_all", Password));
        Assert.Null(await CountAsync("no handle!", Password));

        async Task<User?> CountAsync(string handle, string password)
        {
            hasher.Verified.Clear();
            var found = await People.FindAsync(handle, password);
            Assert.Single(hasher.Verified);
            return found;
        }
    }

    [Fact]
    public async Task After_five_wrong_passwords_the_right_one_has_to_wait_five_minutes()
    {
        var (id, handle) = await APersonAsync();
        for (var i = 0; i < 5; i++)
        {
            Assert.Null(await People.FindAsync(handle, $"wrong password {i}"));
        }

        Assert.Null(await People.FindAsync(handle, Password));
        clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Null(await People.FindAsync(handle, Password));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(id, (await People.FindAsync(handle, Password))?.Id);
    }

    [Fact]
    public async Task The_right_password_at_the_fifth_try_opens_and_forgives_the_others()
    {
        var (_, handle) = await APersonAsync();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                Assert.Null(await People.FindAsync(handle, $"wrong password {i}"));
            }

            Assert.NotNull(await People.FindAsync(handle, Password));
        }
    }

    [Fact]
    public async Task Of_many_wrong_passwords_at_once_five_are_looked_at()
    {
        var (_, handle) = await APersonAsync();
        hasher.Verified.Clear();

        await Race.AtOnceAsync(24, i => People.FindAsync(handle, $"wrong password {i}"));

        Assert.Equal(24, hasher.Verified.Count);
        Assert.Equal(5, hasher.Verified.Count(hash => hash == hasher.Made.Last()));
    }

    [Fact]
    public async Task Codes_are_counted_like_passwords_and_the_password_does_not_forgive_them()
    {
        var (id, handle) = await APersonAsync();
        var key = await TurnOnAsync(id);
        for (var i = 0; i < 4; i++)
        {
            Assert.NotNull(await People.FindAsync(handle, Password));
            Assert.False(await People.CheckCodeAsync(id, "000000x"));
        }
        Assert.NotNull(await People.FindAsync(handle, Password));
        Assert.False(await People.CheckCodeAsync(id, "no code"));

        Assert.False(await People.CheckCodeAsync(id, Authenticator.CodeFor(key, clock.GetUtcNow())));
        Assert.Null(await People.FindAsync(handle, Password));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True(await People.CheckCodeAsync(id, Authenticator.CodeFor(key, clock.GetUtcNow())));
    }

    [Fact]
    public async Task A_code_of_an_app_works_once_also_when_many_use_it_at_once_and_none_before_it_afterwards()
    {
        var (id, _) = await APersonAsync();
        var key = await TurnOnAsync(id);
        Assert.False(await People.CheckCodeAsync(id, Authenticator.CodeFor(key, clock.GetUtcNow())));

        clock.Advance(TimeSpan.FromMinutes(5));
        var (before, now, after) = (CodeAt(-1), CodeAt(0), CodeAt(1));
        // Fewer than lock the account.
        Assert.Single(await Race.AtOnceAsync(4, _ => People.CheckCodeAsync(id, now)), taken => taken);
        Assert.False(await People.CheckCodeAsync(id, before));
        Assert.True(await People.CheckCodeAsync(id, after));
        Assert.False(await People.CheckCodeAsync(id, now));

        string CodeAt(int steps) => Authenticator.CodeFor(key, clock.GetUtcNow().AddSeconds(30 * steps));
    }

    [Fact]
    public async Task The_codes_one_step_before_and_after_are_taken_and_no_others()
    {
        foreach (var (steps, isTaken) in ((int, bool)[])[(-2, false), (-1, true), (0, true), (1, true), (2, false)])
        {
            var (id, _) = await APersonAsync();
            var key = await TurnOnAsync(id);
            clock.Advance(TimeSpan.FromMinutes(5));

            Assert.Equal(isTaken, await People.CheckCodeAsync(id, $" {Authenticator.CodeFor(key, clock.GetUtcNow().AddSeconds(30 * steps)).Insert(3, " ")} "));
        }
    }

    [Fact]
    public async Task A_new_key_has_codes_of_its_own()
    {
        var (id, _) = await APersonAsync();
        await TurnOnAsync(id);
        Given.Succeed(await Security.TurnTwoFactorOffAsync(id, Password));

        await TurnOnAsync(id);
    }

    [Fact]
    public async Task A_password_is_hashed_with_as_many_rounds_as_are_advised_and_an_older_hash_is_made_anew_at_the_next_sign_in()
    {
        var (id, handle) = await APersonAsync();
        var old = (await People.FindAsync(id))!.PasswordHash!;
        Assert.Equal((2, 100_000), ReadHash(old));

        hasher.Real = new PasswordHasher<User>(services.GetRequiredService<IOptions<PasswordHasherOptions>>());
        Assert.Null(await People.FindAsync(handle, "not the password"));
        Assert.Equal(old, (await People.FindAsync(id))!.PasswordHash);
        Assert.Equal(id, (await People.FindAsync(handle, Password))?.Id);

        var renewed = (await People.FindAsync(id))!.PasswordHash!;
        Assert.Equal((2, 210_000), ReadHash(renewed));
        Assert.Equal(id, (await People.FindAsync(handle, Password))?.Id);
        Assert.Equal(renewed, (await People.FindAsync(id))!.PasswordHash);

        // A marker, the function (2: HMAC-SHA-512) and the rounds, as Identity writes them.
        static (int Function, int Rounds) ReadHash(string hash)
        {
            var bytes = Convert.FromBase64String(hash);
            return (BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(5)));
        }
    }

    [Fact]
    public async Task A_recovery_code_works_once_in_any_spelling_also_when_many_use_it_at_once()
    {
        var (id, _) = await APersonAsync();
        var codes = await CodesAsync(id);
        Assert.Equal(10, codes.Distinct(StringComparer.Ordinal).Count());

        Assert.True(await People.UseRecoveryCodeAsync(id, $" {codes[0].Replace("-", "", StringComparison.Ordinal).ToLowerInvariant()} "));
        Assert.False(await People.UseRecoveryCodeAsync(id, codes[0]));
        Assert.False(await People.UseRecoveryCodeAsync(id, "ABCDE-FGHIJ"));

        // Fewer than lock the account.
        var at_once = await Race.AtOnceAsync(3, _ => People.UseRecoveryCodeAsync(id, codes[1]));

        Assert.Single(at_once, used => used);
        Assert.Equal(8, (await Security.FindAsync(id))!.RecoveryCodes);
    }

    private async Task<(string Id, string Handle)> APersonAsync()
    {
        var id = await services.APersonAsync("Ana", password: Password);
        return (id, await services.HandleOfAsync(id));
    }

    private async Task<string> TurnOnAsync(string userId)
    {
        var key = Given.Succeed(await Security.StartTwoFactorAsync(userId));
        Given.Succeed(await Security.ConfirmTwoFactorAsync(userId, Authenticator.CodeFor(key, clock.GetUtcNow()), Password));
        return key;
    }

    private async Task<IReadOnlyList<string>> CodesAsync(string userId)
    {
        await TurnOnAsync(userId);
        return Given.Succeed(await Security.MakeRecoveryCodesAsync(userId, Password));
    }

    private async Task UpdateAsync(string userId, string set, DateTimeOffset at)
    {
        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync($"update users set {set} where id = @id", ("at", database.IsInMemory ? at.UtcTicks : at), ("id", userId));
    }

    /// <summary>The real hasher, which notes what it is asked.</summary>
    private sealed class CountingHasher : IPasswordHasher<User>
    {
        /// <summary>With the rounds of Identity itself, unless a test says otherwise.</summary>
        public PasswordHasher<User> Real { get; set; } = new();

        public ConcurrentQueue<string> Made { get; } = [];

        public ConcurrentQueue<string> Verified { get; } = [];

        public string HashPassword(User user, string password)
        {
            var hash = Real.HashPassword(user, password);
            Made.Enqueue(hash);
            return hash;
        }

        public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
        {
            Verified.Enqueue(hashedPassword);
            return Real.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
