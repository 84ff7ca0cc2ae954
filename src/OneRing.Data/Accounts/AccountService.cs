using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Database;
using OneRing.Data.Rings;

namespace OneRing.Data.Accounts;

/// <summary>A person who wants an account.</summary>
/// <param name="Password">Null for somebody who gets a link to choose one.</param>
/// <param name="Id">Null for everybody but demo people, whose ids are their handles.</param>
public sealed record SignUp(string Handle, string? DisplayName, string? Password, bool IsAdmin = false, string? Id = null);

/// <summary>What the frame of a page shows of whoever is signed in.</summary>
public sealed record AccountView(string UserId, string Handle, string Name, bool IsAdmin);

/// <summary>What a person may change about how others see them.</summary>
/// <param name="PrefersNoName">Whether no figure over many drafts names them.</param>
public sealed record ProfileView(string UserId, string Handle, string? DisplayName, string? Bio, bool PrefersNoName)
{
    public string Name => User.DisplayOf(UserId, DisplayName);
}

/// <summary>A person as the other people here see them.</summary>
/// <param name="Habit">How they take their turns, over all of their drafts; null while they have had too few, and for others than themselves where no figure is to name them.</param>
public sealed record PersonView(string UserId, string Handle, string Name, string? Bio, DateTimeOffset Since, TurnHabit? Habit);

/// <summary>Accounts: making them, and finding out about them. Signing in is for ASP.NET Core Identity.</summary>
public sealed class AccountService
{
    private readonly IServiceScopeFactory scopes;
    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly TimeProvider clock;

    internal AccountService(IServiceScopeFactory scopes, IDbContextFactory<OneRingDbContext> contexts, TimeProvider clock)
    {
        this.scopes = scopes;
        this.contexts = contexts;
        this.clock = clock;
    }

    /// <summary>Makes an account; answers its user id.</summary>
    public async Task<Result<string>> SignUpAsync(SignUp request, CancellationToken cancellationToken = default)
    {
        if (User.NormaliseHandle(request.Handle) is not { } handle)
        {
            return Refusal.HandleInvalid;
        }
        var displayName = Trim(request.DisplayName);
        if (!IsShort(displayName, Texts.LongestDisplayName))
        {
            return Refusal.DisplayNameInvalid;
        }

        var user = new User(request.Id ?? NewId.Next().ToString(), handle, displayName, clock.Now());
        if (request.IsAdmin)
        {
            user.MakeAdmin();
        }

        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        if (request.Id is { } id && await users.FindByIdAsync(id) is not null)
        {
            return Refusal.HandleTaken;
        }
        try
        {
            var made = request.Password is { } password ? await users.CreateAsync(user, password) : await users.CreateAsync(user);
            return made.Succeeded ? user.Id : RefusalFor(made);
        }
        catch (DbUpdateException taken) when (Provider.IsUniqueViolation(taken))
        {
            return Refusal.HandleTaken;
        }
    }

    /// <summary>The account behind an id; null if there is none, or it is disabled.</summary>
    public async Task<AccountView?> FindAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId && u.DisabledAt == null, cancellationToken);
        return user is null ? null : new AccountView(user.Id, user.Handle, user.Display, user.IsAdmin);
    }

    /// <summary>The user id that a text of the form <c>@handle</c> stands for. Any other text, or an unknown handle, stands for itself.</summary>
    public async Task<string> ResolveAsync(string person, CancellationToken cancellationToken = default)
    {
        if (person is not ['@', ..])
        {
            return person;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users.WithHandle(person).Select(user => user.Id).SingleOrDefaultAsync(cancellationToken) ?? person;
    }

    /// <summary>The same for several, at once.</summary>
    public async Task<List<string>> ResolveAsync(IReadOnlyList<string> people, CancellationToken cancellationToken = default)
    {
        var names = people.Where(person => person is ['@', ..]).Distinct(StringComparer.Ordinal)
            .ToDictionary(person => person, person => User.NormaliseHandle(person)?.ToUpperInvariant(), StringComparer.Ordinal);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = await db.Users.Where(user => names.Values.Contains(user.NormalizedUserName)).ToDictionaryAsync(user => user.NormalizedUserName!, user => user.Id, StringComparer.Ordinal, cancellationToken);
        return [.. people.Select(person => names.GetValueOrDefault(person) is { } name && ids.TryGetValue(name, out var id) ? id : person)];
    }

    /// <summary>A person, for people with an account; null if there is none, or none any more.</summary>
    public async Task<PersonView?> FindPersonAsync(string readerId, string handle, CancellationToken cancellationToken = default)
    {
        var name = User.NormaliseHandle(handle);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = db.Users.Where(user => user.UserName == name && user.DeletedAt == null && db.Users.Any(reader => reader.Id == readerId && reader.DisabledAt == null));
        var parts = db.Collaborators.Where(part => found.Any(user => user.Id == part.UserId && (!user.PrefersNoName || user.Id == readerId)));
        var passes = db.RingPasses.Where(pass => parts.Any(part => part.DraftId == pass.DraftId && part.UserId == pass.FromId));
        var people = found.Select(user => new
        {
            View = new PersonView(user.Id, user.UserName!, User.DisplayOf(user.Id, user.DisplayName), user.Bio, user.CreatedAt, null),
            Had = passes.Count(),
            Missed = parts.Sum(part => part.MissedTurns),
        });
        var turns = EndedTurn.By(db, passes.OrderByDescending(pass => pass.PassedAt).Take(TurnHabit.TurnsLookedAt));

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, people, turns);
        var person = (await people.ToListAsync(cancellationToken)).SingleOrDefault();
        var last = await turns.ToListAsync(cancellationToken);
        return person is null ? null : person.View with { Habit = TurnHabit.Of(person.Had, person.Missed, last.ConvertAll(turn => turn.Length)) };
    }

    /// <summary>What a person says of themselves. Empty is fine: the name is then made from the id.</summary>
    public async Task<Result<Done>> ChangeProfileAsync(string userId, string? displayName, string? bio, CancellationToken cancellationToken = default)
    {
        var (name, words) = (Trim(displayName), Trim(bio)?.ReplaceLineEndings("\n"));
        if (!IsShort(name, Texts.LongestDisplayName))
        {
            return Refusal.DisplayNameInvalid;
        }
        if (!IsShort(words, Texts.LongestBio))
        {
            return Refusal.BioInvalid;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users
            .Where(u => u.Id == userId && u.DisabledAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.DisplayName, name).SetProperty(u => u.Bio, words), cancellationToken) == 1
            ? default(Done)
            : Refusal.Forbidden;
    }

    /// <summary>Whether figures over many drafts, leaderboards above all, may name a person. It holds from the next look on.</summary>
    public async Task<Result<Done>> ChangeNamingAsync(string userId, bool prefersNoName, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users
            .Where(u => u.Id == userId && u.DisabledAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.PrefersNoName, prefersNoName), cancellationToken) == 1
            ? default(Done)
            : Refusal.Forbidden;
    }

    /// <summary>What a person has said of themselves; null if there is no such person.</summary>
    public async Task<ProfileView?> FindProfileAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users
            .Where(u => u.Id == userId && u.DisabledAt == null)
            .Select(u => new ProfileView(u.Id, u.UserName!, u.DisplayName, u.Bio, u.PrefersNoName))
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>The account with a handle; null if there is none, or it is disabled.</summary>
    public async Task<AccountView?> FindByHandleAsync(string handle, CancellationToken cancellationToken = default)
    {
        if (User.NormaliseHandle(handle) is not { } normal)
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.UserName == normal && u.DisabledAt == null, cancellationToken);
        return user is null ? null : new AccountView(user.Id, user.Handle, user.Display, user.IsAdmin);
    }

    /// <summary>A token with which the person may once choose a password; null if there is no such handle.</summary>
    public async Task<string?> MakePasswordTokenAsync(string handle)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        return await users.FindByNameAsync(handle) is { } user ? await users.GeneratePasswordResetTokenAsync(user) : null;
    }

    private static string? Trim(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static bool IsShort(string? text, int longest) => text is null || (Texts.Length(text) <= longest && Texts.IsReadable(text));

    internal static Refusal RefusalFor(IdentityResult result) => result.Errors.First().Code switch
    {
        PasswordRules.NamesHandle => Refusal.PasswordNamesHandle,
        PasswordRules.NamesPlace => Refusal.PasswordNamesPlace,
        PasswordRules.TooCommon => Refusal.PasswordTooCommon,
        nameof(IdentityErrorDescriber.InvalidToken) or nameof(IdentityErrorDescriber.ConcurrencyFailure) => Refusal.LinkSpent,
        nameof(IdentityErrorDescriber.PasswordMismatch) => Refusal.PasswordWrong,
        nameof(IdentityErrorDescriber.DuplicateUserName) => Refusal.HandleTaken,
        nameof(IdentityErrorDescriber.InvalidUserName) => Refusal.HandleInvalid,
        var code when code.StartsWith("Password", StringComparison.Ordinal) => Refusal.PasswordTooWeak,
        var code => throw new InvalidOperationException($"Identity refused for a reason that is not known here: {code}."),
    };
}
