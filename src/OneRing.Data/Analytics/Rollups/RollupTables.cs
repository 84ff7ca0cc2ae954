using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Analytics.Rollups;

// What figures over all drafts are read from: sums of events, kept by EventCounter, and nothing that could not be counted anew from the events.
// There are no foreign keys: what happened stays counted when a draft or an account is gone.

/// <summary>An event that is in no sum yet. The database itself writes this row with the event, whoever writes that.</summary>
internal sealed record UncountedEvent(DateTimeOffset OccurredAt, Guid EventId);

/// <summary>What sums need to know of a draft.</summary>
internal sealed record CountedDraft(Guid DraftId, Platform Platform, string? CreatorId, DateTimeOffset? CreatedAt, DateTimeOffset? CompletedAt);

/// <summary>What happened within a quarter of an hour, the finest offset that a time zone has.</summary>
/// <param name="Slot">Quarters of an hour since 1 January 1970, UTC.</param>
/// <param name="Passes">Those that a person made.</param>
/// <param name="AutomaticPasses">Those that no hand made: the ring went home, or its time was up.</param>
internal sealed record ActivitySlot(int Slot, Platform Platform, int Drafts, int Segments, long Words, int Passes, int AutomaticPasses, int Completed) : ISlot;

/// <summary>What happened within an hour, where clocks go by whole hours: a quarter of the rows to read of a year.</summary>
/// <param name="Hour">Hours since 1 January 1970, UTC.</param>
/// <param name="Passes">Those that a person made.</param>
/// <param name="AutomaticPasses">Those that no hand made: the ring went home, or its time was up.</param>
internal sealed record ActivityHour(int Hour, Platform Platform, int Drafts, int Segments, long Words, int Passes, int AutomaticPasses, int Completed);

/// <summary>How recipients were chosen on one UTC day.</summary>
/// <param name="Day">Days since 1 January 1970.</param>
internal sealed record PassDay(int Day, Platform Platform, Chosen Chosen, int Passes);

/// <summary>How recipients were chosen within a quarter of an hour.</summary>
/// <param name="Slot">Quarters of an hour since 1 January 1970, UTC.</param>
internal sealed record PassSlot(int Slot, Platform Platform, Chosen Chosen, int Passes) : ISlot;

/// <summary>A sum over a quarter of an hour.</summary>
internal interface ISlot
{
    int Slot { get; }
}

/// <summary>A sum over a sixth of a UTC day: few enough of them for what whole days leave of a window.</summary>
internal interface IDayPart
{
    int Part { get; }
}

/// <summary>A sum over a span of UTC days.</summary>
internal interface ISpan
{
    int Span { get; }

    int Start { get; }
}

/// <summary>What one person wrote within a span of UTC days.</summary>
/// <param name="Span">How many days it is long: one of <see cref="Spans.Lengths"/>.</param>
/// <param name="Start">Spans of this length since 1 January 1970.</param>
internal sealed record WriterSpan(int Span, int Start, string UserId, Platform Platform, int Segments, long Words) : ISpan;

/// <summary>What one person wrote within four hours.</summary>
/// <param name="Part">Sixths of a day since 1 January 1970, UTC.</param>
internal sealed record WriterPart(int Part, string UserId, Platform Platform, int Segments, long Words) : IDayPart;

/// <summary>What one person wrote within a quarter of an hour.</summary>
/// <param name="Slot">Quarters of an hour since 1 January 1970, UTC.</param>
internal sealed record WriterSlot(int Slot, string UserId, Platform Platform, int Segments, long Words) : ISlot;

/// <summary>What happened in one draft within a span of UTC days.</summary>
/// <param name="Span">How many days it is long: one of <see cref="Spans.Lengths"/>.</param>
/// <param name="Start">Spans of this length since 1 January 1970.</param>
internal sealed record DraftSpan(int Span, int Start, Guid DraftId, int Segments, long Words, int Passes) : ISpan;

/// <summary>What happened in one draft within four hours.</summary>
/// <param name="Part">Sixths of a day since 1 January 1970, UTC.</param>
internal sealed record DraftPart(int Part, Guid DraftId, int Segments, long Words, int Passes) : IDayPart;

/// <summary>What happened in one draft within a quarter of an hour.</summary>
/// <param name="Slot">Quarters of an hour since 1 January 1970, UTC.</param>
internal sealed record DraftSlot(int Slot, Guid DraftId, int Segments, long Words, int Passes) : ISlot;

/// <summary>What one person has written in one draft.</summary>
/// <param name="ContributedAt">Since when it counts as a draft of somebody else's that they brought further; null in a draft that they created.</param>
internal sealed record DraftWriter(Guid DraftId, string UserId, DateTimeOffset FirstSegmentAt, int Segments, long Words, DateTimeOffset? ContributedAt);

/// <summary>What one person did within a span of UTC days, as the scores of leaderboards count it.</summary>
/// <param name="Span">How many days it is long: one of <see cref="Spans.ScoreLengths"/>.</param>
/// <param name="Start">Spans of this length since 1 January 1970.</param>
/// <param name="Drafts">Drafts that they created.</param>
/// <param name="ContributedDrafts">Drafts of others in which their first segment is of this span.</param>
/// <param name="Momentum">What their segments and drafts weighed at the start of the block, see <see cref="MomentumWeights"/>; 0 in a span longer than that.</param>
internal sealed record ScoreSpan(
    int Span, int Start, string UserId, int Segments, int RingsReceived, int Drafts, int ContributedDrafts, long Momentum) : ISpan;

/// <summary>One turn with the ring. What is not known yet is null; events may come in any order.</summary>
/// <param name="Turn">1 is the creator's.</param>
/// <param name="PassedAt">When the ring was passed on.</param>
/// <param name="EndedAt">The earlier of pass and completion; null while the hold lasts, and for a ring that went home after completion.</param>
/// <param name="Microseconds">How long it lasted; null unless it has ended.</param>
/// <param name="Bucket">In which of the <see cref="HoldBuckets"/> that is.</param>
internal sealed record RingHold(
    Guid DraftId,
    int Turn,
    Platform Platform,
    string? HolderId,
    DateTimeOffset? ReceivedAt,
    DateTimeOffset? PassedAt,
    DateTimeOffset? EndedAt,
    long? Microseconds,
    int? Bucket);

/// <summary>How many holds of about the same length ended within a span of UTC days. It says where in the order of lengths to look for the exact ones.</summary>
/// <param name="Span">How many days it is long: one of <see cref="Spans.Lengths"/>.</param>
/// <param name="Start">Spans of this length since 1 January 1970.</param>
internal sealed record HoldSpan(int Span, int Start, Platform Platform, int Bucket, int Holds) : ISpan;

/// <summary>How many holds there are in a bucket of lengths.</summary>
internal sealed record HoldCount(int Bucket, int Holds);

/// <summary>The lengths of the spans in which people's and drafts' sums are kept, so that a year is not summed day by day.</summary>
internal static class Spans
{
    public const int Day = 1;

    /// <summary>A quarter of a block.</summary>
    public const int Stretch = 8;

    public const int Block = 32;

    /// <summary>Longer than everything that is counted from 1970 on lasts: what happened within it is all that ever happened.</summary>
    public const int Ever = 1 << 20;

    /// <summary>Quarters of an hour in a day.</summary>
    public const int SlotsPerDay = 96;

    public const int SlotsPerHour = 4;

    public const int SlotsPerPart = 16;

    public const int PartsPerDay = SlotsPerDay / SlotsPerPart;

    public static readonly IReadOnlyList<int> Lengths = [Day, Stretch, Block];
    public static readonly IReadOnlyList<int> ScoreLengths = [Day, Stretch, Block, Ever];
}

/// <summary>
/// What something weighs in momentum halves with every seven days. All weights halve alike, so what was summed once stays summed: seen from the start of the
/// block of days that it is in, a segment weighs 2^(days since then / 7), and the sum of a block is brought to any later instant by one factor. Whole
/// numbers are kept, the weight times 2³², because those can be added and taken away in any order and give the same: what a score is off by that is
/// less than a billionth of it.
/// </summary>
internal static class MomentumWeights
{
    public const long One = 1L << 32;

    public const int HalfLifeDays = 7;

    /// <summary>What a created draft weighs, in segments.</summary>
    public const int Draft = 5;
}

internal sealed class RollupConfiguration :
    IEntityTypeConfiguration<UncountedEvent>,
    IEntityTypeConfiguration<CountedDraft>,
    IEntityTypeConfiguration<ActivitySlot>,
    IEntityTypeConfiguration<ActivityHour>,
    IEntityTypeConfiguration<PassDay>,
    IEntityTypeConfiguration<PassSlot>,
    IEntityTypeConfiguration<WriterSpan>,
    IEntityTypeConfiguration<WriterPart>,
    IEntityTypeConfiguration<WriterSlot>,
    IEntityTypeConfiguration<DraftSpan>,
    IEntityTypeConfiguration<DraftPart>,
    IEntityTypeConfiguration<DraftSlot>,
    IEntityTypeConfiguration<DraftWriter>,
    IEntityTypeConfiguration<ScoreSpan>,
    IEntityTypeConfiguration<RingHold>,
    IEntityTypeConfiguration<HoldSpan>
{
    public void Configure(EntityTypeBuilder<UncountedEvent> uncounted)
    {
        uncounted.ToTable("uncounted_events");
        uncounted.HasKey(u => new { u.OccurredAt, u.EventId });
    }

    public void Configure(EntityTypeBuilder<CountedDraft> draft)
    {
        draft.ToTable("counted_drafts", table => table.HasNameOf<Platform, CountedDraft>("platform"));
        draft.HasKey(d => d.DraftId);
        draft.Property(d => d.DraftId).ValueGeneratedNever();
        draft.HasIndex(d => d.CreatedAt);
    }

    public void Configure(EntityTypeBuilder<ActivitySlot> slot)
    {
        slot.ToTable("activity_slots", table => table.HasNameOf<Platform, ActivitySlot>("platform"));
        slot.HasKey(s => new { s.Slot, s.Platform });
    }

    public void Configure(EntityTypeBuilder<ActivityHour> hour)
    {
        hour.ToTable("activity_hours", table => table.HasNameOf<Platform, ActivityHour>("platform"));
        hour.HasKey(h => new { h.Hour, h.Platform });
    }

    public void Configure(EntityTypeBuilder<PassSlot> slot)
    {
        slot.ToTable("pass_slots", table =>
        {
            table.HasNameOf<Platform, PassSlot>("platform");
            table.HasNameOf<Chosen, PassSlot>("chosen");
        });
        slot.HasKey(s => new { s.Slot, s.Platform, s.Chosen });
    }

    public void Configure(EntityTypeBuilder<PassDay> day)
    {
        day.ToTable("pass_days", table =>
        {
            table.HasNameOf<Platform, PassDay>("platform");
            table.HasNameOf<Chosen, PassDay>("chosen");
        });
        day.HasKey(d => new { d.Day, d.Platform, d.Chosen });
    }

    public void Configure(EntityTypeBuilder<WriterSpan> span)
    {
        span.ToTable("writer_spans", table =>
        {
            table.HasNameOf<Platform, WriterSpan>("platform");
            table.HasRule("span", $"span in ({string.Join(", ", Spans.Lengths)})");
        });
        span.HasKey(s => new { s.Span, s.Start, s.UserId, s.Platform });
    }

    public void Configure(EntityTypeBuilder<WriterPart> part)
    {
        part.ToTable("writer_parts", table => table.HasNameOf<Platform, WriterPart>("platform"));
        part.HasKey(p => new { p.Part, p.UserId, p.Platform });
    }

    public void Configure(EntityTypeBuilder<WriterSlot> slot)
    {
        slot.ToTable("writer_slots", table => table.HasNameOf<Platform, WriterSlot>("platform"));
        slot.HasKey(s => new { s.Slot, s.UserId, s.Platform });
        // All that a person's own days and streaks need.
        slot.HasIndex(s => new { s.UserId, s.Slot, s.Segments, s.Words });
    }

    public void Configure(EntityTypeBuilder<DraftSpan> span)
    {
        span.ToTable("draft_spans", table => table.HasRule("span", $"span in ({string.Join(", ", Spans.Lengths)})"));
        span.HasKey(s => new { s.Span, s.Start, s.DraftId });
    }

    public void Configure(EntityTypeBuilder<DraftPart> part)
    {
        part.ToTable("draft_parts");
        part.HasKey(p => new { p.Part, p.DraftId });
    }

    public void Configure(EntityTypeBuilder<DraftSlot> slot)
    {
        slot.ToTable("draft_slots");
        slot.HasKey(s => new { s.Slot, s.DraftId });
    }

    public void Configure(EntityTypeBuilder<DraftWriter> writer)
    {
        writer.ToTable("draft_writers");
        writer.HasKey(w => new { w.DraftId, w.UserId });
        writer.HasIndex(w => w.ContributedAt).HasFilter("contributed_at IS NOT NULL");
    }

    public void Configure(EntityTypeBuilder<ScoreSpan> span)
    {
        span.ToTable("score_spans", table => table.HasRule("span", $"span in ({string.Join(", ", Spans.ScoreLengths)})"));
        span.HasKey(s => new { s.Span, s.Start, s.UserId });
    }

    public void Configure(EntityTypeBuilder<RingHold> hold)
    {
        hold.ToTable("ring_holds", table => table.HasNameOf<Platform, RingHold>("platform"));
        hold.HasKey(h => new { h.DraftId, h.Turn });
        hold.Property(h => h.Turn).ValueGeneratedNever();
        // How many of each bucket, and the lengths in one bucket: all that a percentile needs.
        hold.HasIndex(h => new { h.EndedAt, h.Platform, h.Bucket });
        hold.HasIndex(h => new { h.Bucket, h.EndedAt, h.Platform, h.Microseconds });
        hold.HasIndex(h => new { h.HolderId, h.EndedAt, h.Microseconds });
    }

    public void Configure(EntityTypeBuilder<HoldSpan> span)
    {
        span.ToTable("hold_spans", table =>
        {
            table.HasNameOf<Platform, HoldSpan>("platform");
            table.HasRule("span", $"span in ({string.Join(", ", Spans.Lengths)})");
        });
        span.HasKey(s => new { s.Span, s.Start, s.Platform, s.Bucket });
    }
}
