using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Analytics;

/// <summary>What happened within a window, by kind.</summary>
/// <param name="Passes">How the next holders were chosen, in the order of <see cref="Chosen"/>. They sum up to the passes of the dashboard.</param>
/// <param name="Holds">How long the holds were that ended in the window, the shortest first.</param>
/// <param name="Drafts">What has become of the drafts that were created in the window, by platform.</param>
/// <param name="Funnel">How far they have come.</param>
public sealed record Breakdown(
    IReadOnlyList<PassesChosen> Passes, IReadOnlyList<HoldLength> Holds, IReadOnlyList<PlatformDrafts> Drafts, Funnel Funnel);

/// <summary>How many passes there were for which the next holder was chosen in one way.</summary>
public sealed record PassesChosen(Chosen Chosen, int Passes);

/// <summary>How many holds lasted at least from one length of time, and less than to another.</summary>
/// <param name="To">Null when there is no upper end.</param>
public sealed record HoldLength(TimeSpan From, TimeSpan? To, int Holds);

/// <summary>What has become of the drafts for one platform.</summary>
/// <param name="Active">Being written.</param>
/// <param name="Locked">Paused at present.</param>
/// <param name="Completed">Completed by the instant of the dashboard.</param>
/// <param name="Deleted">Not there any more, and not completed before.</param>
public sealed record PlatformDrafts(Platform Platform, int Active, int Locked, int Completed, int Deleted);

/// <summary>How many of the drafts that were created in the window have come how far by the instant of the dashboard. Each step is a part of the one before.</summary>
/// <param name="Created">Drafts that were created.</param>
/// <param name="SecondWriter">In which two people or more have written.</param>
/// <param name="Completed">Of these, the completed ones.</param>
public sealed record Funnel(int Created, int SecondWriter, int Completed);
