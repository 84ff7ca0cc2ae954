using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Tests.Drafts;

/// <summary>How lively a draft is, without a database.</summary>
public sealed class DraftMetricsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_new_draft_has_its_creator_and_no_passes()
    {
        var metrics = DraftMetrics.Of(ADraft(), [], Noon);

        Assert.Equal(new DraftMetrics(Contributors: 1, PassesInLastDay: 0, AverageMinutesBetweenPasses: null, LastActivityAt: Noon), metrics);
    }

    [Fact]
    public void Whoever_wrote_counts_once_and_the_creator_too()
    {
        LastWriting[] writing = [new("ben", Noon.AddMinutes(1)), new("ana", Noon.AddMinutes(3)), new("ben", Noon.AddMinutes(2)), new("Ben", Noon)];

        var metrics = DraftMetrics.Of(ADraft(), writing, Noon.AddHours(1));

        Assert.Equal(3, metrics.Contributors);
        Assert.Equal(Noon.AddMinutes(3), metrics.LastActivityAt);
        Assert.Equal(2, DraftMetrics.Of(ADraft(), [new("ben", Noon)], Noon).Contributors);
    }

    [Fact]
    public void The_last_day_begins_after_the_instant_of_24_hours_ago()
    {
        var draft = ADraft(TimeSpan.Zero, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(24), TimeSpan.FromHours(24) + TimeSpan.FromMilliseconds(1));

        Assert.Equal(2, DraftMetrics.Of(draft, [], Noon.AddHours(24)).PassesInLastDay);
        Assert.Equal(1, DraftMetrics.Of(draft, [], Noon).PassesInLastDay);
        Assert.Equal(0, DraftMetrics.Of(draft, [], Noon.AddDays(3)).PassesInLastDay);
    }

    [Fact]
    public void The_average_takes_the_steps_from_the_first_pass_to_the_last()
    {
        Assert.Null(DraftMetrics.Of(ADraft(TimeSpan.FromMinutes(5)), [], Noon.AddHours(1)).AverageMinutesBetweenPasses);
        Assert.Equal(3, DraftMetrics.Of(ADraft(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(8)), [], Noon.AddHours(1)).AverageMinutesBetweenPasses);
        Assert.Equal(
            20, DraftMetrics.Of(ADraft(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(45)), [], Noon.AddHours(1)).AverageMinutesBetweenPasses);
    }

    [Fact]
    public void The_latest_of_segments_passes_and_completion_is_the_last_activity()
    {
        var draft = ADraft(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(8));
        LastWriting[] late = [new("ana", Noon.AddMinutes(9))];

        Assert.Equal(Noon.AddMinutes(8), DraftMetrics.Of(draft, [], Noon.AddHours(1)).LastActivityAt);
        Assert.Equal(Noon.AddMinutes(9), DraftMetrics.Of(draft, late, Noon.AddHours(1)).LastActivityAt);
        Assert.Equal(Noon.AddMinutes(10), DraftMetrics.Of(draft with { CompletedAt = Noon.AddMinutes(10) }, late, Noon.AddHours(1)).LastActivityAt);
    }

    [Fact]
    public void What_happens_after_the_instant_does_not_count_and_what_happens_at_it_does()
    {
        var draft = ADraft(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(45)) with { CompletedAt = Noon.AddMinutes(50) };

        Assert.Equal(new DraftMetrics(1, 2, 3, Noon.AddMinutes(8)), DraftMetrics.Of(draft, [], Noon.AddMinutes(8)));
        Assert.Equal(new DraftMetrics(1, 1, null, Noon.AddMinutes(5)), DraftMetrics.Of(draft, [], Noon.AddMinutes(8).AddTicks(-1)));
        Assert.Equal(Noon.AddMinutes(50), DraftMetrics.Of(draft, [], Noon.AddMinutes(50)).LastActivityAt);
        Assert.Equal(Noon.AddMinutes(45), DraftMetrics.Of(draft, [], Noon.AddMinutes(50).AddTicks(-1)).LastActivityAt);
    }

    /// <summary>A draft of noon by Ana, with a pass at each of these times after noon.</summary>
    private static DraftView ADraft(params TimeSpan[] passes) => new(
        Id: Guid.NewGuid(), Title: "A title", Platform.Story, DraftStatus.Active, Role.Owner,
        CreatorId: "ana", CreatorName: "Ana", HolderId: "ana", HolderName: "Ana", HeldSince: Noon, Turn: 1 + passes.Length, Version: 1,
        CreatedAt: Noon, UpdatedAt: Noon, LastActivityAt: Noon, CompletedAt: null, ArchivedAt: null, OfferedToId: null,
        Collaborators: [], SegmentCount: 0, Segments: [],
        Passes: [.. passes.Select((after, i) => new RingPassView(1 + i, "ana", "Ana", "ben", "Ben", Noon + after, Chosen.Manual, "The holder chose.", Note: null))],
        PendingInvites: [], IsPublic: false, ShowsLive: false, NudgedAt: null, new TurnRules(), new TurnView(EndsAt: null, IsOver: false, MoreTime.None, MoreAt: null), Wishes: [], NextHolders: []);
}
