using Microsoft.EntityFrameworkCore;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Notices;

namespace OneRing.Data.Invites;

/// <summary>Ways into a draft: making them, taking them back, and going through them.</summary>
public sealed class InviteService
{
    public const int ShortestLifeInHours = Invite.ShortestLifeInHours;
    public const int LongestLifeInHours = Invite.LongestLifeInHours;
    public const int UsualLifeInHours = Invite.UsualLifeInHours;
    public const int MostUses = Invite.MostUses;

    /// <summary>How many invites somebody may make within <see cref="LimitWindow"/>.</summary>
    public const int MostByPerson = 30;

    /// <summary>How many invites may be made for a draft within <see cref="LimitWindow"/>.</summary>
    public const int MostForDraft = 60;

    /// <summary>A list of invites ends with the newest so many.</summary>
    public const int LongestListing = 100;

    /// <summary>The time over which invites are counted, and between two messages about the same one.</summary>
    public static readonly TimeSpan LimitWindow = TimeSpan.FromHours(1);

    private readonly IDbContextFactory<OneRingDbContext> contexts;
    private readonly DraftCommands commands;
    private readonly TimeProvider clock;

    internal InviteService(IDbContextFactory<OneRingDbContext> contexts, DraftCommands commands, TimeProvider clock)
    {
        this.contexts = contexts;
        this.commands = commands;
        this.clock = clock;
    }

    /// <summary>Makes an invite; a link with its token.</summary>
    public Task<Result<InviteMade>> CreateAsync(CreateInvite request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<InviteMade>(request, async scene =>
        {
            if (scene.Draft.Status == DraftStatus.Completed)
            {
                return Refusal.DraftCompleted;
            }
            if (await IsTooMuchAsync(scene, request.UserId))
            {
                return Refusal.TooManyInvites;
            }

            return request.Handle is { } handle ? await InvitePersonAsync(scene, request, handle) : InviteByLink(scene, request);
        }, cancellationToken);

    /// <summary>Starts the time of an invite again. A link gets a new token, and the old one leads nowhere.</summary>
    public Task<Result<InviteMade>> ResendAsync(ResendInvite request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<InviteMade>(request, async scene =>
        {
            var found = await FindOwnAsync(scene, request.UserId, request.InviteId);
            if (!found.Succeeded)
            {
                return found.Refusal.Value;
            }

            var invite = found.Value;
            if (scene.Draft.Status == DraftStatus.Completed)
            {
                return Refusal.DraftCompleted;
            }
            if (RefusalFor(invite.State) is { } refusal)
            {
                return refusal;
            }
            if (invite.RecipientId is not null && scene.Now - invite.SentAt < LimitWindow)
            {
                return Refusal.TooManyInvites;
            }

            var token = invite.RecipientId is null ? LinkToken.New() : null;
            invite.Resend(request, token, NoteChange(scene, invite));
            Notify(scene, invite, request.UserId);
            return new InviteMade(invite.Id, token);
        }, cancellationToken);

    public Task<Result<Done>> RevokeAsync(RevokeInvite request, CancellationToken cancellationToken = default) =>
        commands.RunAsync<Done>(request, async scene =>
        {
            var found = await FindOwnAsync(scene, request.UserId, request.InviteId);
            if (!found.Succeeded)
            {
                return found.Refusal.Value;
            }
            if (found.Value.State != InviteState.Revoked && RefusalFor(found.Value.State) is { } refusal)
            {
                return refusal;
            }

            found.Value.Revoke();
            NoteChange(scene, found.Value);
            return default(Done);
        }, cancellationToken);

    /// <summary>Lets the person in. Whoever is in already stays as they are, and spends no use.</summary>
    public async Task<Result<Done>> AcceptAsync(AcceptInvite request, CancellationToken cancellationToken = default) =>
        Hide(await commands.RunAsync<Done>(request, async scene =>
        {
            var invite = await scene.Db.Invites.SingleOrDefaultAsync(i => i.DraftId == request.DraftId && i.Id == request.InviteId, scene.CancellationToken);
            if (invite is null || !invite.IsFor(request.UserId, request.Token))
            {
                return Refusal.NotFound;
            }
            if (scene.Draft.FindCollaborator(request.UserId) is not null)
            {
                if (invite is { RecipientId: not null, State: InviteState.Pending })
                {
                    scene.Db.InviteUses.Add(invite.Use(request.UserId, NoteChange(scene, invite)));
                }
                return default(Done);
            }
            if (RefusalFor(StateOf(scene, invite)) is { } refusal)
            {
                return refusal;
            }
            if (await scene.Db.InviteUses.AnyAsync(
                u => u.DraftId == invite.DraftId && u.InviteId == invite.Id && u.UserId == request.UserId, scene.CancellationToken))
            {
                return Refusal.InviteUsedUp;
            }

            var joined = scene.Draft.Add(request.UserId, invite.Role, scene.Now);
            if (!joined.Succeeded)
            {
                return joined.Refusal.Value;
            }

            var use = invite.Use(request.UserId, joined.Value.JoinedAt);
            scene.Db.InviteUses.Add(use);
            scene.Db.AnalyticsEvents.Add(AnalyticsEvent.InviteAccepted(use));
            scene.Db.AnalyticsEvents.Add(AnalyticsEvent.CollaboratorJoined(scene.Draft, joined.Value, request.UserId));
            return default(Done);
        }, cancellationToken));

    public async Task<Result<Done>> DeclineAsync(DeclineInvite request, CancellationToken cancellationToken = default) =>
        Hide(await commands.RunAsync<Done>(request, async scene =>
        {
            var invite = await scene.Db.Invites.SingleOrDefaultAsync(i => i.DraftId == request.DraftId && i.Id == request.InviteId, scene.CancellationToken);
            if (invite?.RecipientId != request.UserId)
            {
                return Refusal.NotFound;
            }
            if (invite!.State == InviteState.Declined)
            {
                return default(Done);
            }
            if (RefusalFor(StateOf(scene, invite)) is { } refusal)
            {
                return refusal;
            }

            invite.Decline();
            NoteChange(scene, invite);
            return default(Done);
        }, cancellationToken));

    /// <summary>The invites of a draft, newest first. For its owner and its holder.</summary>
    public async Task<Result<IReadOnlyList<InviteView>>> ListAsync(string userId, Guid draftId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var asking =
            from draft in db.ReadableDrafts(userId)
            join me in db.Collaborators on new { DraftId = draft.Id, UserId = userId } equals new { me.DraftId, me.UserId }
            where draft.Id == draftId
            select new { MayInvite = me.Role == Role.Owner || draft.HolderId == userId };
        var invites = ViewsOf(db, db.Invites.Where(i => i.DraftId == draftId)).OrderByDescending(row => row.Invite.CreatedAt).ThenByDescending(row => row.Invite.Id).Take(LongestListing);

        await using var trip = await OneTrip.SendAsync(db, cancellationToken, asking, invites);
        var who = (await asking.ToListAsync(cancellationToken)).SingleOrDefault();
        var rows = await invites.ToListAsync(cancellationToken);
        if (who is not { MayInvite: true })
        {
            return who is null ? Refusal.NotFound : Refusal.Forbidden;
        }

        var now = clock.Now();
        return rows.ConvertAll(row => row.ToView(now));
    }

    /// <summary>What waits for a person: invites to them by their handle that they can accept, newest first.</summary>
    public async Task<IReadOnlyList<InvitationView>> ListForAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await ViewsFor(db, userId, clock.Now()).ToListAsync(cancellationToken);
    }

    /// <summary>How many invites wait for a person.</summary>
    public async Task<int> CountForAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await WaitingFor(db, userId, clock.Now()).CountAsync(cancellationToken);
    }

    /// <summary>
    /// An invite as the person sees it who opens it, with the token of the link if there is one. Refused alike if there is no such
    /// invite, if it is for somebody else, and if the token is not right.
    /// </summary>
    /// <param name="userId">Null for somebody who has not signed in.</param>
    public async Task<Result<InvitationView>> OpenAsync(
        string? userId, Guid draftId, Guid inviteId, string? token = null, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await (
            from row in ViewsOf(db, db.Invites.Where(i => i.DraftId == draftId && i.Id == inviteId))
            join draft in db.Drafts on row.Invite.DraftId equals draft.Id
            select new
            {
                Row = row,
                draft.Title,
                draft.Status,
                IsMember = db.Collaborators.Any(c => c.DraftId == draftId && c.UserId == userId),
                WasUsed = db.InviteUses.Any(u => u.DraftId == draftId && u.InviteId == inviteId && u.UserId == userId),
                IsKnown = userId == null || db.Users.Any(u => u.Id == userId && u.DisabledAt == null),
            }).SingleOrDefaultAsync(cancellationToken);
        if (found is not { IsKnown: true, Row.Invite: var invite } || !invite.IsFor(userId, token))
        {
            return Refusal.InviteUnknown;
        }

        var refusal = found.IsMember ? null
            : RefusalFor(invite.StateAt(clock.Now(), found.Row.MakerIsThere))
            ?? (found.WasUsed ? Refusal.InviteUsedUp : found.Status == DraftStatus.Completed ? Refusal.DraftCompleted : null);
        return new InvitationView(
            draftId, inviteId, found.Title, User.DisplayOf(invite.CreatedBy, found.Row.MakerName), invite.Role, invite.ExpiresAt,
            invite.RecipientId is not null, refusal, found.IsMember);
    }

    /// <summary>One invite of a draft. For its owner, its holder, who made it, and for the person whom it is for; null for everybody else.</summary>
    public async Task<InviteView?> FindAsync(string userId, Guid draftId, Guid inviteId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await ViewsOf(db, db.Invites.Where(i => i.DraftId == draftId && i.Id == inviteId
            && db.Users.Any(u => u.Id == userId && u.DisabledAt == null)
            && (i.RecipientId == userId || db.Collaborators.Any(me => me.DraftId == draftId && me.UserId == userId
                && (me.Role == Role.Owner || i.CreatedBy == userId || db.Drafts.Any(d => d.Id == draftId && d.HolderId == userId))))))
            .SingleOrDefaultAsync(cancellationToken);
        return row?.ToView(clock.Now());
    }

    /// <summary>The draft that an invite belongs to, for those who know only the invite's id.</summary>
    public async Task<Guid?> FindDraftAsync(Guid inviteId, CancellationToken cancellationToken = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Invites.Where(i => i.Id == inviteId).Select(i => (Guid?)i.DraftId).SingleOrDefaultAsync(cancellationToken);
    }

    private static async Task<Result<InviteMade>> InvitePersonAsync(DraftCommands.Scene scene, CreateInvite request, string typed)
    {
        var recipientId = User.NormaliseHandle(typed) is { } handle
            ? await scene.Db.Users.Where(u => u.UserName == handle && u.DisabledAt == null).Select(u => u.Id).SingleOrDefaultAsync(scene.CancellationToken)
            : null;
        if (recipientId is null)
        {
            return Refusal.HandleUnknown;
        }
        if (scene.Draft.FindCollaborator(recipientId) is not null)
        {
            return Refusal.AlreadyCollaborator;
        }
        var earlier = await scene.Db.Invites.AsNoTracking()
            .Where(i => i.RecipientId == recipientId && i.DraftId == request.DraftId && i.State == InviteState.Pending)
            .ToListAsync(scene.CancellationToken);
        if (earlier.Exists(invite => StateOf(scene, invite) == InviteState.Pending))
        {
            return Refusal.AlreadyInvited;
        }

        var invite = Invite.ToPerson(request, recipientId, scene.Draft.NoteChange(scene.Now));
        Notify(scene, invite, request.UserId);
        return Write(scene, invite, token: null);
    }

    private static Result<InviteMade> InviteByLink(DraftCommands.Scene scene, CreateInvite request)
    {
        var token = LinkToken.New();
        return Write(scene, Invite.AsLink(request, token, scene.Draft.NoteChange(scene.Now)), token);
    }

    private static InviteMade Write(DraftCommands.Scene scene, Invite invite, string? token)
    {
        scene.Db.Invites.Add(invite);
        scene.Db.AnalyticsEvents.Add(AnalyticsEvent.InviteCreated(invite));
        Tell(scene, invite);
        return new InviteMade(invite.Id, token);
    }

    // Once more each time that it is sent again.
    private static void Notify(DraftCommands.Scene scene, Invite invite, string actorId)
    {
        if (invite.RecipientId is { } recipientId)
        {
            scene.Notify(NoticeKind.Invited, recipientId, Notice.CauseOf(invite), actorId);
        }
    }

    // A person's own row is the queue of their invites into different drafts: otherwise each draft would count them without the others.
    private static async Task<bool> IsTooMuchAsync(DraftCommands.Scene scene, string userId)
    {
        await scene.Db.LockedUser(userId).AsNoTracking().ToListAsync(scene.CancellationToken);
        var since = scene.Now - LimitWindow;
        return await scene.Db.Invites.CountAsync(i => i.CreatedBy == userId && i.CreatedAt > since, scene.CancellationToken) >= MostByPerson
            || await scene.Db.Invites.CountAsync(i => i.DraftId == scene.Draft.Id && i.CreatedAt > since, scene.CancellationToken) >= MostForDraft;
    }

    /// <summary>An invite over which this person has a say: the owner over all, everybody over their own.</summary>
    private static async Task<Result<Invite>> FindOwnAsync(DraftCommands.Scene scene, string userId, Guid inviteId) =>
        await scene.Db.Invites.SingleOrDefaultAsync(i => i.DraftId == scene.Draft.Id && i.Id == inviteId, scene.CancellationToken) is not { } invite
            ? Refusal.InviteUnknown
            : invite.CreatedBy == userId || scene.Draft.FindCollaborator(userId)?.Role == Role.Owner
                ? invite
                : Refusal.Forbidden;

    private static DateTimeOffset NoteChange(DraftCommands.Scene scene, Invite invite)
    {
        Tell(scene, invite);
        return scene.Draft.NoteChange(scene.Now);
    }

    private static void Tell(DraftCommands.Scene scene, Invite invite)
    {
        if (invite.RecipientId is { } recipientId)
        {
            scene.AlsoConcerned.Add(recipientId);
        }
    }

    private static InviteState StateOf(DraftCommands.Scene scene, Invite invite) =>
        invite.StateAt(scene.Now, makerIsThere: scene.Draft.FindCollaborator(invite.CreatedBy) is { IsDisabled: false });

    private static Refusal? RefusalFor(InviteState state) => state switch
    {
        InviteState.Pending => null,
        InviteState.Accepted => Refusal.InviteUsedUp,
        InviteState.Declined => Refusal.InviteDeclined,
        InviteState.Revoked => Refusal.InviteRevoked,
        InviteState.Expired => Refusal.InviteExpired,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "There is no such state."),
    };

    // Whoever has no part in a draft must not learn here whether it is the draft or the invite that is not there.
    private static Result<Done> Hide(Result<Done> result) => result.Refusal == Refusal.NotFound ? Refusal.InviteUnknown : result;

    internal static IQueryable<InvitationView> ViewsFor(OneRingDbContext db, string userId, DateTimeOffset now) => (
        from invite in WaitingFor(db, userId, now)
        join draft in db.Drafts on invite.DraftId equals draft.Id
        join maker in db.Users on invite.CreatedBy equals maker.Id
        orderby invite.CreatedAt descending, invite.Id descending
        select new InvitationView(
            draft.Id, invite.Id, draft.Title, User.DisplayOf(maker.Id, maker.DisplayName), invite.Role, invite.ExpiresAt, true, null, false))
        .Take(LongestListing);

    internal static IQueryable<Invite> WaitingFor(OneRingDbContext db, string userId, DateTimeOffset now) =>
        from invite in db.Invites.AsNoTracking()
        join me in db.Users on invite.RecipientId equals me.Id
        where me.Id == userId && me.DisabledAt == null
            && invite.State == InviteState.Pending && invite.ExpiresAt > now
            && db.Drafts.Any(d => d.Id == invite.DraftId && d.Status != DraftStatus.Completed)
            && Makers(db).Any(c => c.DraftId == invite.DraftId && c.UserId == invite.CreatedBy)
            && !db.Collaborators.Any(c => c.DraftId == invite.DraftId && c.UserId == userId)
        select invite;

    private static IQueryable<InviteRow> ViewsOf(OneRingDbContext db, IQueryable<Invite> invites) =>
        from invite in invites.AsNoTracking()
        join maker in db.Users on invite.CreatedBy equals maker.Id
        join someone in db.Users on invite.RecipientId equals someone.Id into recipients
        from recipient in recipients.DefaultIfEmpty()
        select new InviteRow
        {
            Invite = invite,
            MakerName = maker.DisplayName,
            MakerIsThere = Makers(db).Any(c => c.DraftId == invite.DraftId && c.UserId == invite.CreatedBy),
            RecipientHandle = recipient.UserName,
            RecipientName = recipient.DisplayName,
        };

    private static IQueryable<Collaborator> Makers(OneRingDbContext db) =>
        db.Collaborators.Where(c => db.Users.Any(u => u.Id == c.UserId && u.DisabledAt == null));

    private sealed class InviteRow
    {
        public required Invite Invite { get; init; }

        public required string? MakerName { get; init; }

        public required bool MakerIsThere { get; init; }

        public required string? RecipientHandle { get; init; }

        public required string? RecipientName { get; init; }

        public InviteView ToView(DateTimeOffset now) => new(
            Invite.Id, Invite.DraftId, Invite.Role, RecipientHandle,
            Invite.RecipientId is { } recipientId ? User.DisplayOf(recipientId, RecipientName) : null,
            Invite.StateAt(now, MakerIsThere), Invite.CreatedBy, User.DisplayOf(Invite.CreatedBy, MakerName),
            Invite.CreatedAt, Invite.SentAt, Invite.ExpiresAt, Invite.MaxUses, Invite.Uses);
    }
}
