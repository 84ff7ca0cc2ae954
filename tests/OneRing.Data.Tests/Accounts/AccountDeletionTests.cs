using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Audit;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Presences;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Accounts;

public sealed class AccountDeletionTests_InMemory(InMemory database) : AccountDeletionTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class AccountDeletionTests_Postgres(Postgres database) : AccountDeletionTests(database), IClassFixture<Postgres>;

public abstract class AccountDeletionTests(TestDatabase database)
{
    private const string Password = "a lamp that would not sleep";

    private AccountDeletion Deletion => database.Get<AccountDeletion>();

    private AccountService Accounts => database.Get<AccountService>();

    private RingService Rings => database.Get<RingService>();

    [Fact]
    public async Task The_handle_and_the_password_are_asked_for()
    {
        var (id, handle) = await APersonAsync("Ana");

        Assert.Equal(Refusal.HandleDiffers, (await Deletion.DeleteAsync(new DeleteAccount(id, "somebody", Password))).Refusal);
        Assert.Equal(Refusal.PasswordWrong, (await Deletion.DeleteAsync(new DeleteAccount(id, handle, "not the password"))).Refusal);
        Assert.Equal(Refusal.PasswordWrong, (await Deletion.DeleteAsync(new DeleteAccount(id, handle))).Refusal);
        Assert.NotNull(await Accounts.FindAsync(id));

        Assert.True((await Deletion.DeleteAsync(new DeleteAccount(id, $"@{handle.ToUpperInvariant()}", Password))).Succeeded);

        Assert.Null(await Accounts.FindAsync(id));
        Assert.Null(await database.Get<SignInService>().FindAsync(handle, Password));
        Assert.Equal(Refusal.Forbidden, (await Deletion.DeleteAsync(new DeleteAccount(id, handle, Password))).Refusal);
    }

    [Fact]
    public async Task Whoever_has_neither_password_nor_passkey_says_their_handle_only()
    {
        var id = await database.Services.APersonAsync("Demo");

        Assert.True((await Deletion.DeleteAsync(new DeleteAccount(id, await database.Services.HandleOfAsync(id)))).Succeeded);
    }

    [Fact]
    public async Task What_was_written_stays_and_is_read_on_under_a_former_writer()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await database.Services.AppendAsync(draft.Id, draft.Ben, "Nobody had fed it.");

        await DeleteAsync(draft.Ben);

        var read = await database.Services.ReadAsync(draft.Id, draft.Cleo);
        Assert.Equal([("Ana", "The lamp stayed lit."), ("a former writer", "Nobody had fed it.")], read.Segments.Select(s => (s.AuthorName, s.Content)));
        Assert.Equal((draft.Ana, draft.Ana), (read.HolderId, read.Passes[^1].ToId));
        Assert.Equal(("a former writer", "Ana", Chosen.Returned), (read.Passes[^1].FromName, read.Passes[^1].ToName, read.Passes[^1].Chosen));
        Assert.DoesNotContain(read.Collaborators, c => c.UserId == draft.Ben);
        Assert.True((await Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, "It went on.", Given.NewKey()))).Succeeded);
    }

    [Fact]
    public async Task An_owner_who_holds_the_ring_leaves_both_to_the_first_writer()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        await DeleteAsync(draft.Ana);

        var read = await database.Services.ReadAsync(draft.Id, draft.Ben);
        Assert.Equal((draft.Ben, Role.Owner, "a former writer"), (read.HolderId, read.Role, read.CreatorName));
        Assert.True((await Rings.AppendAsync(new AppendSegment(draft.Ben, draft.Id, "It went on.", Given.NewKey()))).Succeeded);
        Assert.Equal(Refusal.NotFound, (await Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, "No more.", Given.NewKey()))).Refusal);
    }

    [Fact]
    public async Task A_draft_that_was_offered_to_whoever_inherits_it_is_offered_no_more()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        Given.Succeed(await database.Get<CollaboratorService>().OfferAsync(new OfferDraft(draft.Ana, draft.Id, draft.Ben)));

        Given.Succeed(await Deletion.DeleteAsync(new DeleteAccount(draft.Ana, await database.Services.HandleOfAsync(draft.Ana))));

        var view = await database.Services.ReadAsync(draft.Id, draft.Ben);
        Assert.Equal((Role.Owner, null), (view.Role, view.OfferedToId));
    }

    [Fact]
    public async Task The_handle_is_free_again()
    {
        var (id, handle) = await APersonAsync("Ana");
        await DeleteAsync(id, Password);

        Assert.True((await Accounts.SignUpAsync(new SignUp(handle, "Another", Password: null))).Succeeded);
    }

    [Fact]
    public async Task The_last_admin_stays()
    {
        await using var services = database.BuildServices();
        await services.PrepareDatabaseAsync();
        await using (var connection = await database.OpenDirectAsync(services))
        {
            await connection.ExecuteAsync("update users set is_admin = (1 = 0)");
        }
        var ada = await services.APersonAsync("Ada", isAdmin: true);
        var request = new DeleteAccount(ada, await services.HandleOfAsync(ada));

        Assert.Equal(Refusal.LastAdmin, (await services.GetRequiredService<AccountDeletion>().DeleteAsync(request)).Refusal);
        await services.APersonAsync("Ada", isAdmin: true);
        Assert.True((await services.GetRequiredService<AccountDeletion>().DeleteAsync(request)).Succeeded);
    }

    [Fact]
    public async Task Nothing_of_the_person_is_left_in_the_whole_database()
    {
        var (name, address) = ($"Quirina {Guid.NewGuid():N}", $"{Guid.NewGuid():N}@example.test");
        var quirina = Given.Succeed(await Accounts.SignUpAsync(new SignUp($"q{Guid.NewGuid():N}"[..20], name, Password)));
        var handle = await database.Services.HandleOfAsync(quirina);
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AddAsync(draft.Id, draft.Ana, quirina, Role.Writer);
        const string Bio = "Collects lamps, mostly broken ones.";
        const string Note = "Mind the coat, it is mine.";
        const string Wish = "I know what is in the pocket.";
        const string Zone = "Antarctica/Troll";
        Given.Succeed(await Accounts.ChangeProfileAsync(quirina, name, Bio));
        Given.Succeed(await database.Get<AbsenceService>().SetTimeZoneAsync(quirina, Zone));
        // A strategy says in a sentence whom it chose, and the answer is kept with its key.
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var chosen = Given.Succeed(await Rings.PassAsync(new SmartPass(draft.Ben, draft.Id, Strategy.RoundRobin, Given.NewKey())));
        Assert.Equal(quirina, chosen.Pass.ToId);
        Assert.Contains(name, chosen.Pass.Reason, StringComparison.Ordinal);
        await database.Services.AppendAsync(draft.Id, quirina, "Her words stay.");
        Given.Succeed(await Rings.PassAsync(new PassRing(quirina, draft.Id, draft.Ana, Given.NewKey(), Note: Note)));
        // A clock says in a sentence whose turn was over, and who comes next.
        await using (var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync())
        {
            await db.RingPasses.Where(p => p.DraftId == draft.Id && p.FromId == quirina)
                .ExecuteUpdateAsync(set => set.SetProperty(p => p.Chosen, Chosen.Expired).SetProperty(p => p.Reason, $"{name} is away. Ana comes next."));
        }
        Given.Succeed(await database.Get<TurnService>().AskAsync(new AskForRing(quirina, draft.Id, Wish)));
        Given.Succeed(await database.Get<DraftService>().RecordVisitAsync(quirina, draft.Id));
        await using var open = await database.Get<PresenceService>().EnterAsync(quirina, draft.Id, () => Task.CompletedTask);
        Given.Succeed(await database.Get<SecurityService>().StartTwoFactorAsync(quirina));
        Given.Succeed(await database.Get<SecurityService>().RequestEmailAsync(quirina, address, Password, "https://ring.test"));
        Given.Succeed(await database.Get<AccessTokenService>().CreateAsync(new NewAccessToken(quirina, "Quirina's script")));
        var other = await database.Services.ADraftHeldByAnaAsync();
        Given.Succeed(await database.Get<InviteService>().CreateAsync(new CreateInvite(other.Ana, other.Id, Role.Writer, handle)));
        string hash;
        await using (var connection = await database.OpenDirectAsync())
        {
            await connection.ExecuteAsync(
                "update users set email = @address, normalized_email = @normalized, email_confirmed = (1 = 1) where id = @id",
                ("address", address), ("normalized", address.ToUpperInvariant()), ("id", quirina));
            hash = Assert.Single(await connection.ReadAsync("select password_hash from users where id = @id", ("id", quirina)));
        }
        string[] traces = [handle, name, address, Bio, Zone, Note, Wish, "Quirina's script", hash];
        var before = await database.DumpAsync();
        Assert.All(traces, trace => Assert.Contains(trace, before, StringComparison.OrdinalIgnoreCase));

        await DeleteAsync(quirina, Password);

        var dump = await database.DumpAsync();
        Assert.All(traces, trace => Assert.DoesNotContain(trace, dump, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("Her words stay.", dump, StringComparison.Ordinal);
        await using var direct = await database.OpenDirectAsync();
        foreach (var table in (string[])["user_tokens", "user_claims", "user_logins", "user_passkeys", "access_tokens", "invite_uses", "outbox_mails", "draft_views", "draft_collaborators", "working_texts", "presences", "ring_wishes", "notices"])
        {
            Assert.Equal(0, await direct.CountAsync($"select count(*) from {table} where user_id = @id", ("id", quirina)));
        }
        Assert.Equal(0, await direct.CountAsync("select count(*) from invites where recipient_id = @id", ("id", quirina)));
        Assert.Equal(0, await direct.CountAsync("select count(*) from idempotency_keys where scope like @scope", ("scope", $"{quirina}:%")));
    }

    [Fact]
    public async Task Whoever_leaves_in_the_middle_of_writing_breaks_nothing()
    {
        var drafts = new List<Guid?>();
        for (var round = 0; round < 4; round++)
        {
            var draft = await database.Services.ADraftHeldByAnaAsync();
            drafts.Add(draft.Id);
            await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
            var handle = await database.Services.HandleOfAsync(draft.Ben);

            var results = await Race.AtOnceAsync(12, async i => i switch
            {
                0 => (await Deletion.DeleteAsync(new DeleteAccount(draft.Ben, handle))).Refusal,
                1 => (await Rings.PassAsync(new PassRing(draft.Ben, draft.Id, draft.Ana, Given.NewKey()))).Refusal,
                2 => (await Deletion.DeleteAsync(new DeleteAccount(draft.Ben, handle))).Refusal,
                _ => (await Rings.AppendAsync(new AppendSegment(draft.Ben, draft.Id, $"Segment {i}", Given.NewKey()))).Refusal,
            });

            Assert.Contains(new Refusal?[] { results[0], results[2] }, refusal => refusal is null);
            Assert.All(results[3..], refusal => Assert.Contains(refusal, new Refusal?[] { null, Refusal.NotFound, Refusal.RingRequired, Refusal.StaleTurn }));
            var read = await database.Services.ReadAsync(draft.Id, draft.Ana);
            Assert.Equal(draft.Ana, read.HolderId);
            Assert.Equal(results[3..].Count(refusal => refusal is null), read.Segments.Count);
        }
        Assert.DoesNotContain((await database.Get<DatabaseAudit>().RunAsync(int.MaxValue)).Findings, finding => drafts.Contains(finding.DraftId));
    }

    private async Task<(string Id, string Handle)> APersonAsync(string name)
    {
        var id = await database.Services.APersonAsync(name, password: Password);
        return (id, await database.Services.HandleOfAsync(id));
    }

    private async Task DeleteAsync(string userId, string? password = null) =>
        Given.Succeed(await Deletion.DeleteAsync(new DeleteAccount(userId, await database.Services.HandleOfAsync(userId), password)));
}
