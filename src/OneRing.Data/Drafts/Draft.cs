using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Rings;
using OneRing.Data.Writing;

namespace OneRing.Data.Drafts;

/// <summary>Where a text is meant to appear, which says how long a segment may be.</summary>
public enum Platform
{
    Story,
    X,
    Instagram,
    Tiktok,
    Youtube,
}

/// <summary>Whether a draft is being written, paused, or finished for good.</summary>
public enum DraftStatus
{
    Active,
    Locked,
    Completed,
}

/// <summary>A piece written in turns. Whoever holds its ring may append; nobody else may.</summary>
internal sealed partial class Draft
{
    private List<Collaborator> collaborators = [];

    private Draft()
    {
    }

    public Guid Id { get; private set; } = NewId.Next();

    public string Title { get; private set; } = "";

    /// <summary>The title in lower case, for a search that finds the same in both databases, whatever their locale.</summary>
    public string FoldedTitle { get; private set; } = "";

    public Platform Platform { get; private set; }

    public DraftStatus Status { get; private set; }

    public string CreatorId { get; private set; } = "";

    public string HolderId { get; private set; } = "";

    /// <summary>When the present holder received the ring.</summary>
    public DateTimeOffset HeldSince { get; private set; }

    /// <summary>The fencing number: 1 at first, one more with each pass.</summary>
    public int Turn { get; private set; } = 1;

    /// <summary>How many segments there are, and so the position of the next.</summary>
    public int SegmentCount { get; private set; }

    /// <summary>Counts the changes to this draft. Two writers cannot both make the same step.</summary>
    public int Version { get; private set; } = 1;

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The last change of any kind. Within a draft, time never goes back behind it.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>The latest of creation, segments, passes and completion.</summary>
    public DateTimeOffset LastActivityAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Since when the draft is put away, if so: nobody writes in it, and lists leave it out.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }

    /// <summary>To whom the owner offers the draft, if to anybody.</summary>
    public string? OfferedToId { get; private set; }

    /// <summary>Whether segments may be added and the ring be passed.</summary>
    public bool IsOpen => Status == DraftStatus.Active && ArchivedAt is null;

    public IReadOnlyList<Collaborator> Collaborators => collaborators;

    /// <summary>Whoever decides about the draft; null once their account is gone and nobody was left to follow them.</summary>
    public Collaborator? Owner => collaborators.Find(c => c.Role == Role.Owner);

    public int LongestSegment => Platform == Platform.Story ? Texts.LongestSegment : Texts.LongestSocialSegment;

    private IEnumerable<Collaborator> InJoiningOrder => collaborators.OrderBy(c => c.JoinedAt).ThenBy(c => c.UserId, StringComparer.Ordinal);

    public Collaborator? FindCollaborator(string userId) => collaborators.Find(c => c.UserId == userId);

    public static Draft Create(CreateDraft request, DateTimeOffset at)
    {
        var draft = new Draft
        {
            Platform = request.Platform,
            CreatorId = request.UserId,
            HolderId = request.UserId,
            HeldSince = at,
            CreatedAt = at,
            UpdatedAt = at,
            LastActivityAt = at,
        };
        draft.SetTitle(request.Title);
        draft.collaborators.Add(new Collaborator(draft.Id, request.UserId, Role.Owner, at));
        return draft;
    }

    /// <summary>The same draft with the same people, to be changed without this one.</summary>
    public Draft Copy()
    {
        var copy = (Draft)MemberwiseClone();
        copy.collaborators = collaborators.ConvertAll(collaborator => collaborator.Copy());
        return copy;
    }

    public Result<Segment> Append(AppendSegment request, DateTimeOffset now)
    {
        if (Texts.Length(request.Content) > LongestSegment)
        {
            return Refusal.TextTooLong;
        }
        if (CheckTurn(request.UserId, request.Turn) is { } refusal)
        {
            return refusal;
        }

        FindCollaborator(request.UserId)!.Write();
        var at = Change(now, isActivity: true);
        return new Segment(Id, SegmentCount++, request.UserId, Turn, request.Content, at);
    }

    /// <summary>Whether this person may act on the ring: the draft is active, the turn is not stale, and they hold the ring.</summary>
    public Refusal? CheckTurn(string userId, int? turn) =>
        !IsOpen ? Refusal.DraftNotActive
        : turn is not null && turn != Turn ? Refusal.StaleTurn
        : HolderId != userId ? Refusal.RingRequired
        : null;

    /// <summary>What keeps this person from writing here; null if nothing does, and they hold the ring.</summary>
    /// <param name="me">Their place among the people of the draft; null without one.</param>
    public ParkedBecause? WhyNotWriting(Collaborator? me, string userId) =>
        me is null ? ParkedBecause.Removed
        : me.Role == Role.Reader ? ParkedBecause.RoleChanged
        : Status == DraftStatus.Completed ? ParkedBecause.Completed
        : Status == DraftStatus.Locked ? ParkedBecause.Locked
        : ArchivedAt is not null ? ParkedBecause.Archived
        : HolderId != userId ? ParkedBecause.RingGone
        : null;

    public Result<RingPass> PassRing(PassRing request, DateTimeOffset now)
    {
        if (CheckTurn(request.UserId, request.Turn) is { } refusal)
        {
            return refusal;
        }
        if (request.ToUserId == HolderId)
        {
            return Refusal.RecipientIsHolder;
        }
        if (FindCollaborator(request.ToUserId) is not { CanHold: true } recipient)
        {
            return Refusal.RecipientCannotHold;
        }
        if (recipient.AwayAt(now) is not null)
        {
            return Refusal.RecipientAway;
        }

        return MoveRing(request.ToUserId, Chosen.Manual, "The holder chose.", request.Note, now);
    }

    /// <summary>Passes the ring to whom a strategy has chosen. The turn has been checked before the choice was made.</summary>
    public RingPass PassRing(NextHolder next, string? note, DateTimeOffset now) =>
        MoveRing(next.UserId, next.Chosen, next.Reason, note, now);

    public Result<Done> Rename(RenameDraft request, DateTimeOffset now)
    {
        SetTitle(request.Title);
        Change(now);
        return default(Done);
    }

    public Result<Done> Lock(DateTimeOffset now)
    {
        if (Status != DraftStatus.Active)
        {
            return Refusal.DraftNotActive;
        }

        Status = DraftStatus.Locked;
        Change(now);
        return default(Done);
    }

    /// <summary>Lets the writing go on. If nobody was left to hold the ring meanwhile, it goes home: the second value.</summary>
    public Result<RingReturn> Unlock(DateTimeOffset now)
    {
        if (Status != DraftStatus.Locked)
        {
            return Refusal.DraftNotLocked;
        }

        Status = DraftStatus.Active;
        Change(now);
        return new RingReturn(Owner!, SettleRing("Its holder could no longer write.", now));
    }

    /// <summary>Puts the draft away, or fetches it back.</summary>
    public Result<Done> Archive(bool away, DateTimeOffset now)
    {
        if (away == ArchivedAt is not null)
        {
            return away ? Refusal.DraftArchived : Refusal.DraftNotArchived;
        }

        var at = Change(now);
        ArchivedAt = away ? at : null;
        return default(Done);
    }

    /// <summary>Offers the draft to one of its people, who becomes its owner by accepting. An earlier offer falls.</summary>
    public Result<Done> OfferTo(string userId, DateTimeOffset now)
    {
        if (FindCollaborator(userId) is not { IsDisabled: false } collaborator)
        {
            return Refusal.NotACollaborator;
        }
        if (collaborator.Role == Role.Owner)
        {
            return Refusal.AlreadyOwner;
        }

        OfferedToId = userId;
        Change(now);
        return default(Done);
    }

    /// <summary>Takes an offer back, or turns it down.</summary>
    public Result<Done> DropOffer(DateTimeOffset now)
    {
        if (OfferedToId is null)
        {
            return Refusal.NoOffer;
        }

        OfferedToId = null;
        Change(now);
        return default(Done);
    }

    /// <summary>The owner becomes a writer, because somebody accepted the offer. <see cref="MakeOwner"/> follows.</summary>
    public Result<Done> GiveUpOwnership(string toUserId, DateTimeOffset now)
    {
        if (OfferedToId != toUserId)
        {
            return Refusal.NoOffer;
        }

        OfferedToId = null;
        Owner?.ChangeRole(Role.Writer);
        Change(now);
        return default(Done);
    }

    public void MakeOwner(string userId)
    {
        if (Owner is not null)
        {
            throw new InvalidOperationException("A draft has one owner.");
        }
        FindCollaborator(userId)!.ChangeRole(Role.Owner);
        // Whoever inherits what was offered to them has nothing left to accept.
        OfferedToId = OfferedToId == userId ? null : OfferedToId;
    }

    public Result<Done> Complete(DateTimeOffset now)
    {
        if (Status != DraftStatus.Active)
        {
            return Refusal.DraftNotActive;
        }

        Status = DraftStatus.Completed;
        CompletedAt = Change(now, isActivity: true);
        return default(Done);
    }

    /// <summary>What time it is in the draft when a clock says this: never earlier than its last change, however far the clock was put back.</summary>
    public DateTimeOffset TimeAt(DateTimeOffset now) => now > UpdatedAt ? now : UpdatedAt;

    /// <summary>Notes a change of what belongs to the draft but is kept beside it. Answers its time.</summary>
    public DateTimeOffset NoteChange(DateTimeOffset now) => Change(now);

    public Result<Collaborator> Add(string userId, Role role, DateTimeOffset now)
    {
        if (Status == DraftStatus.Completed)
        {
            return Refusal.DraftCompleted;
        }
        if (FindCollaborator(userId) is not null)
        {
            return Refusal.AlreadyCollaborator;
        }

        var collaborator = new Collaborator(Id, userId, role, Change(now));
        collaborators.Add(collaborator);
        return collaborator;
    }

    /// <summary>Gives somebody another role. If they held the ring and may no longer, it goes home: the second value.</summary>
    public Result<RingReturn> ChangeRole(string userId, Role role, DateTimeOffset now)
    {
        if (FindCollaborator(userId) is not { } collaborator)
        {
            return Refusal.NotACollaborator;
        }
        if (collaborator.Role == Role.Owner)
        {
            return Refusal.OwnerStays;
        }

        Change(now);
        collaborator.ChangeRole(role);
        return new RingReturn(collaborator, SettleRing("The holder is now a reader.", now));
    }

    /// <summary>Takes somebody out. If they held the ring, it goes home: the second value.</summary>
    public Result<RingReturn> Remove(string userId, DateTimeOffset now)
    {
        if (FindCollaborator(userId) is not { } collaborator)
        {
            return Refusal.NotACollaborator;
        }
        if (collaborator.Role == Role.Owner)
        {
            return Refusal.OwnerStays;
        }

        return TakeOut(collaborator, "The holder has left this draft.", now);
    }

    /// <summary>
    /// Takes somebody out whose account ends, be it the owner. <see cref="Heir"/> then says who should own the draft, and
    /// the ring, if they held it, has gone to whoever can hold it: the second value.
    /// </summary>
    public RingReturn Lose(string userId, DateTimeOffset now) =>
        TakeOut(FindCollaborator(userId)!, "The holder’s account has ended.", now);

    /// <summary>
    /// The first writer in joining order, who follows an owner whose account has ended. If the accounts of all are disabled,
    /// it is the first of these, so that somebody can unlock the draft one day.
    /// </summary>
    public Collaborator? Heir => InJoiningOrder.FirstOrDefault(c => c.CanHold) ?? InJoiningOrder.FirstOrDefault(c => c.Role == Role.Writer);

    /// <summary>Sends the ring on if its holder's account has been disabled.</summary>
    public RingReturn Suspend(string userId, DateTimeOffset now)
    {
        var collaborator = FindCollaborator(userId)!;
        collaborator.IsDisabled = true;
        Change(now);
        return new RingReturn(collaborator, SettleRing("The holder’s account is disabled.", now));
    }

    private RingReturn TakeOut(Collaborator collaborator, string reason, DateTimeOffset now)
    {
        Change(now);
        collaborators.Remove(collaborator);
        OfferedToId = OfferedToId == collaborator.UserId ? null : OfferedToId;
        return new RingReturn(collaborator, SettleRing(reason, now));
    }

    /// <summary>
    /// The ring never hangs in the air: if its holder cannot hold it any more, it goes to the owner, else to the first
    /// writer in joining order, of those who are not away if there are any. With nobody left to write, an active draft is locked.
    /// </summary>
    private RingPass? SettleRing(string reason, DateTimeOffset now)
    {
        if (FindCollaborator(HolderId) is { CanHold: true })
        {
            return null;
        }
        var able = InJoiningOrder.Where(c => c.CanHold).OrderBy(c => c.AwayAt(now) is not null).ThenBy(c => c.Role != Role.Owner);
        if (able.FirstOrDefault() is { } next)
        {
            return MoveRing(next.UserId, Chosen.Returned, reason, note: null, now);
        }

        Status = Status == DraftStatus.Active ? DraftStatus.Locked : Status;
        return null;
    }

    private RingPass MoveRing(string toUserId, Chosen chosen, string reason, string? note, DateTimeOffset now)
    {
        var from = HolderId;
        HolderId = toUserId;
        HeldSince = Change(now, isActivity: true);
        Turn++;
        return new RingPass(Id, Turn, from, toUserId, HeldSince, chosen, reason, string.IsNullOrWhiteSpace(note) ? null : note);
    }

    private void SetTitle(string title)
    {
        Title = title;
        FoldedTitle = title.ToLowerInvariant();
    }

    private DateTimeOffset Change(DateTimeOffset now, bool isActivity = false)
    {
        var at = TimeAt(now);
        UpdatedAt = at;
        LastActivityAt = isActivity ? at : LastActivityAt;
        Version++;
        return at;
    }
}

/// <summary>A person whose place in the draft has changed, and the pass that took the ring home if it had to go.</summary>
internal sealed record RingReturn(Collaborator Collaborator, RingPass? Pass);

internal sealed class DraftConfiguration : IEntityTypeConfiguration<Draft>
{
    public void Configure(EntityTypeBuilder<Draft> draft)
    {
        draft.ToTable("drafts", table =>
        {
            table.HasLength("title", 1, Texts.LongestTitle);
            table.HasNameOf<Platform, Draft>("platform");
            table.HasNameOf<DraftStatus, Draft>("status");
            table.HasRule("turn", "turn >= 1");
            table.HasRule("segment_count", "segment_count >= 0");
            table.HasRule("version", "version >= 1");
            table.HasRule("completed_at", "(status = 'completed') = (completed_at is not null)");
            table.HasRule("archived_at", "archived_at between created_at and updated_at");
            table.HasRule("times", "updated_at >= created_at and last_activity_at between created_at and updated_at and held_since between created_at and updated_at");
        });
        draft.Property(d => d.Id).ValueGeneratedNever();
        draft.Property(d => d.Version).IsConcurrencyToken();
        draft.ConfigureTurns();
        draft.Ignore(d => d.Owner);
        draft.Ignore(d => d.Heir);
        draft.HasOne<User>().WithMany().HasForeignKey(d => d.CreatorId).OnDelete(DeleteBehavior.Restrict);
        draft.HasOne<User>().WithMany().HasForeignKey(d => d.HolderId).OnDelete(DeleteBehavior.Restrict);
        draft.HasOne<User>().WithMany().HasForeignKey(d => d.OfferedToId).OnDelete(DeleteBehavior.Restrict);
        draft.HasMany(d => d.Collaborators).WithOne().HasForeignKey(c => c.DraftId).OnDelete(DeleteBehavior.Cascade);
    }
}
