using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Rings;

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
internal sealed class Draft
{
    private readonly List<Collaborator> collaborators = [];

    private Draft()
    {
    }

    public Guid Id { get; private set; } = Guid.CreateVersion7();

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

    /// <summary>The people who may take part now. Those whose account is disabled are not among them while a command runs.</summary>
    public IReadOnlyList<Collaborator> Collaborators => collaborators;

    public int LongestSegment => Platform == Platform.Story ? Texts.LongestSegment : Texts.LongestSocialSegment;

    /// <summary>Owner and writers in joining order: everybody who can hold the ring.</summary>
    public IEnumerable<Collaborator> PossibleHolders =>
        collaborators.Where(c => c.CanHold).OrderBy(c => c.JoinedAt).ThenBy(c => c.UserId, StringComparer.Ordinal);

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

        var at = Change(now, isActivity: true);
        return new Segment(Id, SegmentCount++, request.UserId, Turn, request.Content, at);
    }

    /// <summary>Whether this person may act on the ring: the draft is active, the turn is not stale, and they hold the ring.</summary>
    public Refusal? CheckTurn(string userId, int? turn) =>
        Status != DraftStatus.Active ? Refusal.DraftNotActive
        : turn is not null && turn != Turn ? Refusal.StaleTurn
        : HolderId != userId ? Refusal.RingRequired
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
        if (FindCollaborator(request.ToUserId) is not { CanHold: true })
        {
            return Refusal.RecipientCannotHold;
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

    public Result<Done> Unlock(DateTimeOffset now)
    {
        if (Status != DraftStatus.Locked)
        {
            return Refusal.DraftNotLocked;
        }

        Status = DraftStatus.Active;
        Change(now);
        return default(Done);
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
        return new RingReturn(collaborator, collaborator.CanHold ? null : ReturnRing(userId, "The holder is now a reader.", now));
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

        Change(now);
        collaborators.Remove(collaborator);
        return new RingReturn(collaborator, ReturnRing(userId, "The holder has left this draft.", now));
    }

    private RingPass? ReturnRing(string fromUserId, string reason, DateTimeOffset now)
    {
        if (HolderId != fromUserId)
        {
            return null;
        }

        var owner = collaborators.Single(c => c.Role == Role.Owner);
        return MoveRing(owner.UserId, Chosen.Returned, reason, note: null, now);
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
        var at = now > UpdatedAt ? now : UpdatedAt;
        UpdatedAt = at;
        LastActivityAt = isActivity ? at : LastActivityAt;
        Version++;
        return at;
    }
}

/// <summary>A person who lost a role, and the pass that took the ring home if they held it.</summary>
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
            table.HasRule("times", "updated_at >= created_at and last_activity_at between created_at and updated_at and held_since between created_at and updated_at");
        });
        draft.Property(d => d.Id).ValueGeneratedNever();
        draft.Property(d => d.Version).IsConcurrencyToken();
        draft.Ignore(d => d.PossibleHolders);
        draft.HasOne<User>().WithMany().HasForeignKey(d => d.CreatorId).OnDelete(DeleteBehavior.Restrict);
        draft.HasOne<User>().WithMany().HasForeignKey(d => d.HolderId).OnDelete(DeleteBehavior.Restrict);
        draft.HasMany(d => d.Collaborators).WithOne().HasForeignKey(c => c.DraftId).OnDelete(DeleteBehavior.Cascade);
    }
}
