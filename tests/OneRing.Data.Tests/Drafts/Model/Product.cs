using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Idempotency;
using OneRing.Data.Invites;
using OneRing.Data.Notices;
using OneRing.Data.Rings;
using OneRing.Tests;

namespace OneRing.Data.Tests.Drafts.Model;

/// <summary>The product, which takes the same steps as the model, and what then stands in its database, in the words of the model.</summary>
internal sealed class Product(IServiceProvider services)
{
    private readonly string life = Guid.NewGuid().ToString("N");
    private readonly List<Guid> drafts = [];
    private readonly Dictionary<(int Draft, int Number), (Guid Id, string? Token)> invites = [];
    private readonly Dictionary<Guid, Appended> appended = [];
    private readonly Lock @lock = new();

    /// <summary>The people, with ids in the order of their numbers.</summary>
    public async Task MakePeopleAsync()
    {
        await using var db = await ConnectAsync();
        db.Users.AddRange(Enumerable.Range(0, Step.People).Select(
            who => new User(IdOf(who), HandleOf(who), $"Person {who}", ModelWorld.Start) { NormalizedUserName = HandleOf(who).ToUpperInvariant() }));
        await db.SaveChangesAsync();
    }

    /// <summary>Does what a step says, and answers what came of it.</summary>
    /// <param name="order">What an order of turns says, in a step that sets one.</param>
    public Task<Answer> TakeAsync(Step step, long now, int[]? order = null) => TakeAsync(services, step, now, order);

    /// <summary>The same by way of one of several servers.</summary>
    public async Task<Answer> TakeAsync(IServiceProvider server, Step step, long now, int[]? order = null)
    {
        var (who, draft, whom, key) = (IdOf(step.Who), DraftOf(step.Draft), IdOf(step.Whom), step.KeyText);
        var (rings, turns) = (server.GetRequiredService<RingService>(), server.GetRequiredService<TurnService>());
        var (those, people) = (server.GetRequiredService<DraftService>(), server.GetRequiredService<CollaboratorService>());
        var ways = server.GetRequiredService<InviteService>();
        switch (step.Op)
        {
            case Op.Disable:
                return Words(await server.GetRequiredService<UserAdministration>().ActAsync(new UserAct(null, who, Act.Disabled, "here")), _ => "done");
            case Op.Enable:
                return Words(await server.GetRequiredService<UserAdministration>().ActAsync(new UserAct(null, who, Act.Enabled, "here")), _ => "done");
            case Op.EndAccount:
                return Words(await server.GetRequiredService<AccountDeletion>().DeleteAsync(new DeleteAccount(who, HandleOf(step.Who))));
            case Op.Create:
                var (title, platform, first) = step.Choose(Step.Beginnings);
                return Words(await those.CreateAsync(new CreateDraft(who, title, platform, first, key)), id => $"draft {NumberOf(id)}");
            case Op.Look:
                return await LookAsync(those, who, draft);
            case Op.Rename:
                return Words(await those.RenameAsync(new RenameDraft(who, draft, step.Choose(Step.Titles), key)));
            case Op.Lock:
                return Words(await those.LockAsync(new LockDraft(who, draft, key)));
            case Op.Unlock:
                return Words(await those.UnlockAsync(new UnlockDraft(who, draft, key)));
            case Op.Complete:
                return Words(await those.CompleteAsync(new CompleteDraft(who, draft, key)));
            case Op.PutAway or Op.FetchBack:
                return Words(await those.ArchiveAsync(new ArchiveDraft(who, draft, step.Op == Op.PutAway, key)));
            case Op.Delete:
                return Words(await those.DeleteAsync(new DeleteDraft(who, draft, step.Choose(Step.Titles), key)));
            case Op.Add:
                var (byHandle, role) = (ModelWorld.IsByHandle(step), step.Choose(Step.Roles));
                return Words(
                    await people.AddAsync(new AddCollaborator(who, draft, byHandle ? HandleOf(step.Whom) : "", role, key) { CollaboratorId = byHandle ? null : whom }),
                    id => $"person {PersonOf(id)}");
            case Op.ChangeRole:
                return Words(await people.ChangeRoleAsync(new ChangeRole(who, draft, whom, step.Choose(Step.Roles), key)));
            case Op.Remove:
                return Words(await people.RemoveAsync(new RemoveCollaborator(who, draft, whom, key)));
            case Op.Offer:
                return Words(await people.OfferAsync(new OfferDraft(who, draft, whom, key)));
            case Op.AcceptOffer:
                return Words(await people.AcceptAsync(new AcceptDraft(who, draft, key)));
            case Op.DropOffer:
                return Words(await people.DropOfferAsync(new DropOffer(who, draft, key)));
            case Op.Append:
                return Words(await rings.AppendAsync(new AppendSegment(who, draft, step.Choose(Step.Texts), key, step.Turn)), Remember);
            case Op.Pass:
                return Words(await rings.PassAsync(new PassRing(who, draft, whom, key, step.Turn, step.Choose(Step.Notes))), Words);
            case Op.PassByRule:
                var expected = ModelDraft.ExpectedBy(step) is { } person ? IdOf(person) : null;
                return Words(
                    await rings.PassAsync(new SmartPass(who, draft, step.Choose(Step.Strategies), key, step.Turn, Expected: expected)),
                    passed => $"{Words(passed.Pass)} of {passed.CandidateCount}");
            case Op.Reclaim:
                return Words(await turns.ReclaimAsync(new ReclaimRing(who, draft, key, step.Turn)), Words);
            case Op.Ask:
                return Words(await turns.AskAsync(new AskForRing(who, draft, Note: null, key, step.Turn)));
            case Op.Nudge:
                return Words(await rings.NudgeAsync(new NudgeHolder(who, draft, key, step.Turn)));
            case Op.GoAway:
                return Words(await turns.SetAwayAsync(new SetAway(who, draft, ModelWorld.Start.AddSeconds(now + (step.What * 60L)), key)));
            case Op.ComeBack:
                return Words(await turns.SetAwayAsync(new SetAway(who, draft, Until: null, key)));
            case Op.SetStrategy:
                return Words(await turns.SetRulesAsync(new SetTurnRules(who, draft, new TurnRules(Strategy: step.Choose(Step.Strategies) ?? Strategy.MostInactive), key)));
            case Op.SetOrder:
                return Words(await turns.SetOrderAsync(new SetOrder(who, draft, [.. (order ?? []).Select(IdOf)], key)));
            case Op.InvitePerson or Op.InviteByLink:
                var (handle, uses) = step.Op == Op.InvitePerson ? (HandleOf(step.Whom), 1) : (null, 2);
                return Words(await ways.CreateAsync(new CreateInvite(who, draft, step.Choose(Step.Roles), handle, ExpiresInHours: 1, uses, key)), made => Remember(step.Draft, made));
            case Op.AcceptInvite:
                var (inviteId, token) = InviteOf(step);
                return Words(await ways.AcceptAsync(new AcceptInvite(who, draft, inviteId, ModelDraft.HasToken(step) ? token : "no token", key)));
            case Op.DeclineInvite:
                return Words(await ways.DeclineAsync(new DeclineInvite(who, draft, InviteOf(step).Id, key)));
            case Op.RevokeInvite:
                return Words(await ways.RevokeAsync(new RevokeInvite(who, draft, InviteOf(step).Id, key)));
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, "The product takes no such step.");
        }
    }

    /// <summary>All that stands in the database of these people and drafts, a line each, sorted.</summary>
    public async Task<string> DescribeAsync()
    {
        await using var db = await ConnectAsync();
        var (first, last) = ($"{life}-", $"{life}.");
        var found = db.Drafts.AsNoTracking().Where(d => drafts.Contains(d.Id));
        var people = db.Collaborators.AsNoTracking().Where(c => drafts.Contains(c.DraftId));
        var segments = db.Segments.AsNoTracking().Where(s => drafts.Contains(s.DraftId));
        var passes = db.RingPasses.AsNoTracking().Where(p => drafts.Contains(p.DraftId));
        var events = db.AnalyticsEvents.AsNoTracking().Where(e => drafts.Contains(e.DraftId));
        var notices = db.Notices.AsNoTracking().Where(n => drafts.Contains(n.DraftId));
        var ways = db.Invites.AsNoTracking().Where(i => drafts.Contains(i.DraftId));
        var keys = db.IdempotencyKeys.AsNoTracking().Where(k => string.Compare(k.Scope, first) > 0 && string.Compare(k.Scope, last) < 0);
        var lines = new List<string>();

        await using var trip = await OneTrip.SendAsync(db, CancellationToken.None, found, people, segments, passes, events, notices, ways, keys);
        foreach (var d in await found.ToListAsync())
        {
            Add(d.Id, StateLines.Draft(
                d.Title, d.Platform == Platform.X, d.Status, PersonOf(d.CreatorId), Seconds(d.CreatedAt), Seconds(d.UpdatedAt), Seconds(d.LastActivityAt), Seconds(d.CompletedAt), Seconds(d.ArchivedAt)));
            Add(d.Id, StateLines.Ring(PersonOf(d.HolderId), Seconds(d.HeldSince), d.Turn, d.Strategy, d.OfferedToId is { } offered ? PersonOf(offered) : null));
        }
        foreach (var c in await people.ToListAsync())
        {
            Add(c.DraftId, StateLines.Person(PersonOf(c.UserId), c.Role, Seconds(c.JoinedAt), c.Place, Seconds(c.AwayUntil)));
        }
        foreach (var s in await segments.ToListAsync())
        {
            // What was answered is what is there.
            Assert.True(!appended.TryGetValue(s.Id, out var answered) || answered.Position == s.Position);
            Add(s.DraftId, StateLines.Segment(s.Position, PersonOf(s.AuthorId), s.Turn, Seconds(s.CreatedAt), s.Content));
        }
        foreach (var p in await passes.ToListAsync())
        {
            Add(p.DraftId, StateLines.Pass(p.Turn, PersonOf(p.FromId), PersonOf(p.ToId), Seconds(p.PassedAt), p.Chosen, p.Note));
        }
        foreach (var e in await events.ToListAsync())
        {
            Add(e.DraftId, StateLines.Event(e.Type, e.ActorId is { } actor ? PersonOf(actor) : null, Seconds(e.OccurredAt), DataOf(e)));
        }
        foreach (var n in await notices.ToListAsync())
        {
            Add(n.DraftId, StateLines.Notice(n.Kind, PersonOf(n.UserId), n.ActorId is { } actor ? PersonOf(actor) : null));
        }
        foreach (var i in await ways.ToListAsync())
        {
            Add(i.DraftId, StateLines.Invite(
                NumberOf(i.DraftId, i.Id), i.Role, i.RecipientId is { } recipient ? PersonOf(recipient) : null, PersonOf(i.CreatedBy), Seconds(i.CreatedAt), i.State, i.Uses));
        }
        foreach (var k in await keys.ToListAsync())
        {
            var scope = k.Scope.Split(':');
            lines.Add(StateLines.Of(scope[2] == "-" ? -1 : drafts.IndexOf(Guid.Parse(scope[2])), StateLines.Key(PersonOf(scope[0]), scope[1])));
        }
        return StateLines.Join(lines);

        void Add(Guid draft, string line) => lines.Add(StateLines.Of(drafts.IndexOf(draft), line));
    }

    private static long Seconds(DateTimeOffset at) => Seconds((DateTimeOffset?)at)!.Value;

    private static long? Seconds(DateTimeOffset? at) => at is { } time ? (time - ModelWorld.Start).Ticks / TimeSpan.TicksPerSecond : null;

    private static Answer Words(Result<Done> result) => Words(result, _ => "done");

    private static Answer Words<T>(Result<T> result, Func<T, string> words) =>
        result.Succeeded ? new Answer(null, words(result.Value), result.Replayed) : new Answer(result.Refusal);

    private static string Words(RingPass pass) => StateLines.Passed(pass.Turn, PersonOf(pass.FromId), PersonOf(pass.ToId), pass.Chosen);

    private static async Task<Answer> LookAsync(DraftService those, string who, Guid draft)
    {
        var (isFirst, view) = (await those.RecordVisitAsync(who, draft), await those.FindAsync(draft, who));
        Assert.Equal(isFirst.Succeeded, view is not null);
        return Words(isFirst, first => $"{(first ? "for the first time today" : "again")}: {Words(view!)}");
    }

    private static string Words(DraftView view) =>
        StateLines.Reading(PersonOf(view.HolderId), view.Turn, view.Role, view.Segments.Count, view.Passes.Where(pass => pass.Note is not null).Select(pass => pass.Turn));

    private IEnumerable<(string Name, object Value)> DataOf(AnalyticsEvent happened)
    {
        using var json = JsonDocument.Parse(happened.Data);
        Assert.Equal((happened.DraftId, happened.ActorId), (json.RootElement.GetProperty("draft_id").GetGuid(), json.RootElement.GetProperty("actor_id").GetString()));
        return [.. json.RootElement.EnumerateObject()
            .Where(one => one.Name is not ("draft_id" or "actor_id" or "version" or "segment_id"))
            .Select(one => one.Name switch
            {
                "user_id" or "from" or "to" => (one.Name, PersonOf(one.Value.GetString()!)),
                "invite_id" => ("invite", NumberOf(happened.DraftId, one.Value.GetGuid())),
                _ => (one.Name, (object)one.Value.ToString()),
            })];
    }

    private string Remember(Appended it)
    {
        lock (@lock)
        {
            appended[it.SegmentId] = it;
        }
        return $"position {it.Position}";
    }

    private string Remember(int draft, InviteMade made)
    {
        lock (@lock)
        {
            if (!invites.Any(known => known.Value.Id == made.InviteId))
            {
                invites.Add((draft, invites.Count(known => known.Key.Draft == draft)), (made.InviteId, made.Token));
            }
            return $"invite {invites.Single(known => known.Value.Id == made.InviteId).Key.Number}";
        }
    }

    private (Guid Id, string? Token) InviteOf(Step step) => invites.TryGetValue((step.Draft, ModelDraft.InviteOf(step)), out var known) ? known : (Guid.NewGuid(), null);

    private int NumberOf(Guid draft, Guid invite) => invites.Single(known => known.Key.Draft == drafts.IndexOf(draft) && known.Value.Id == invite).Key.Number;

    private int NumberOf(Guid draft)
    {
        if (!drafts.Contains(draft))
        {
            drafts.Add(draft);
        }
        return drafts.IndexOf(draft);
    }

    private Guid DraftOf(int number) => number < drafts.Count ? drafts[number] : Guid.NewGuid();

    private string IdOf(int who) => $"{life}-{who}";

    private string HandleOf(int who) => $"p{who}_{life[..20]}";

    private static int PersonOf(string id) => int.Parse(id[^1..]);

    private Task<OneRingDbContext> ConnectAsync() => services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
}
