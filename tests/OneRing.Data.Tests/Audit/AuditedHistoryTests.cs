using OneRing.Data.Accounts;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Audit;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;
using Xunit.Abstractions;

namespace OneRing.Data.Tests.Audit;

public sealed class AuditedHistoryTests_InMemory(ITestOutputHelper output) : AuditedHistoryTests(new InMemory(), output);

[Trait("Database", "PostgreSQL")]
public sealed class AuditedHistoryTests_Postgres(ITestOutputHelper output) : AuditedHistoryTests(new Postgres(), output);

/// <summary>Whatever people do, and whatever they are doing at that moment, the audit finds nothing.</summary>
public abstract class AuditedHistoryTests(TestDatabase database, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Seed = 20261127;
    private const int Writers = 4;
    private const int Acts = 400;

    private int succeeded;
    private volatile bool isEnough;

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_random_history_has_no_contradiction_at_its_end_nor_at_any_moment_of_it()
    {
        output.WriteLine($"seed {Seed}");
        // On threads of their own: in memory nothing that they do ever lets go of one.
        var acts = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => ActAsync(new Random(Seed + writer)))));
        var counting = Task.Run(() => CountAsync());

        var audits = 0;
        for (; audits < 8 || succeeded < Acts; audits++)
        {
            Assert.False(acts.IsCompleted || counting.IsCompleted, "Somebody gave up.");
            Assert.Equal("", await AuditAsync());
        }
        isEnough = true;
        await acts;
        await counting;

        Assert.Equal("", await AuditAsync());
        await database.Get<EventCounter>().CountAsync();
        Assert.Equal("", await AuditAsync());
        output.WriteLine($"{succeeded} acts, {audits} audits beside them");
    }

    private async Task<string> AuditAsync()
    {
        var report = await database.Get<DatabaseAudit>().RunAsync();
        return string.Join('\n', report.Checks.SelectMany(check => check.Findings.Select(finding => $"{check.Name}: {finding.DraftId} {finding.Fault}")));
    }

    private async Task CountAsync()
    {
        while (!isEnough)
        {
            await database.Get<EventCounter>().CountAsync(most: 50);
        }
    }

    /// <summary>Everything that a draft and its people can go through, at random, until it is enough.</summary>
    private async Task ActAsync(Random random)
    {
        while (!isEnough)
        {
            var draft = await database.Services.ADraftHeldByAnaAsync();
            string[] people = [draft.Ana, draft.Ben, draft.Cleo, draft.Dan];
            InviteMade? link = null;
            for (var step = 0; step < 40 && !isEnough; step++)
            {
                var (who, whom, act) = (people[random.Next(4)], people[random.Next(4)], random.Next(100));
                var holder = await database.Get<DraftService>().FindAsync(draft.Id, draft.Ana) is { } found && random.Next(4) > 0 ? found.HolderId : who;
                var refusal = act switch
                {
                    < 35 => (await Rings.AppendAsync(new AppendSegment(holder, draft.Id, $"Words of  step\n{step} 👩‍👩‍👧 ", Given.NewKey()))).Refusal,
                    < 50 => (await Rings.PassAsync(new PassRing(holder, draft.Id, whom, Given.NewKey(), Note: "Go on."))).Refusal,
                    < 60 => (await Rings.PassAsync(new SmartPass(holder, draft.Id, (Strategy)random.Next(3), Given.NewKey()))).Refusal,
                    < 64 => (await database.Get<TurnService>().ReclaimAsync(new ReclaimRing(draft.Ana, draft.Id))).Refusal,
                    < 68 => (await People.AddAsync(new AddCollaborator(draft.Ana, draft.Id, (await database.Get<AccountService>().FindAsync(draft.Dan))?.Handle ?? "nobody", (Role)random.Next(1, 3)))).Refusal,
                    < 72 => (await People.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, whom))).Refusal,
                    < 76 => (await People.ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, whom, (Role)random.Next(1, 3)))).Refusal,
                    < 79 => (await database.Get<TurnService>().SetRulesAsync(new SetTurnRules(draft.Ana, draft.Id, new TurnRules(random.Next(3) == 0 ? null : random.Next(1, 9))))).Refusal,
                    < 82 => (await database.Get<DraftService>().LockAsync(new LockDraft(holder, draft.Id))).Refusal,
                    < 86 => (await database.Get<DraftService>().UnlockAsync(new UnlockDraft(draft.Ana, draft.Id))).Refusal,
                    < 90 => (await database.Get<DraftService>().RecordVisitAsync(who, draft.Id)).Refusal,
                    < 93 => Take(await Invites.CreateAsync(new CreateInvite(draft.Ana, draft.Id, Role.Writer, MaxUses: 2)), ref link),
                    < 96 when link is not null => (await Invites.AcceptAsync(new AcceptInvite(whom, draft.Id, link.InviteId, link.Token))).Refusal,
                    98 => (await database.Get<DraftService>().CompleteAsync(new CompleteDraft(draft.Ana, draft.Id))).Refusal,
                    99 => await DeleteAsync(people[random.Next(1, 4)]),
                    _ => Refusal.NotFound,
                };
                if (refusal is null)
                {
                    Interlocked.Increment(ref succeeded);
                }
            }
            if (random.Next(4) == 0)
            {
                await database.Get<DraftService>().DeleteAsync(new DeleteDraft(draft.Ana, draft.Id, "A draft"));
            }
        }
    }

    private async Task<Refusal?> DeleteAsync(string userId) => await database.Get<AccountService>().FindAsync(userId) is { } account
        ? (await database.Get<AccountDeletion>().DeleteAsync(new DeleteAccount(userId, account.Handle))).Refusal
        : Refusal.UserUnknown;

    private static Refusal? Take(Result<InviteMade> made, ref InviteMade? link)
    {
        link = made.Succeeded ? made.Value : link;
        return made.Refusal;
    }

    private RingService Rings => database.Get<RingService>();

    private CollaboratorService People => database.Get<CollaboratorService>();

    private InviteService Invites => database.Get<InviteService>();
}
