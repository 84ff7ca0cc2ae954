using OneRing.Data.Drafts;

namespace OneRing.Data.Analytics;

/// <summary>How the rings move of the drafts that are being written at an instant.</summary>
/// <param name="BeingWritten">How many drafts those are.</param>
/// <param name="HighRisk">In how many of them nothing has happened for 48 hours: these are stalled.</param>
/// <param name="MediumRisk">In how many others nothing has happened for 24 hours, and the ring was passed less than twice.</param>
/// <param name="Stalled">The stalled ones, the longest first.</param>
public sealed record TurnHealth(int BeingWritten, int HighRisk, int MediumRisk, TablePage<StalledRing> Stalled);

/// <summary>A draft in which nothing has happened for 48 hours.</summary>
/// <param name="HolderName">Null when its holder prefers not to be named in figures.</param>
/// <param name="HeldSince">When its holder received the ring.</param>
/// <param name="LastActivityAt">The latest of creation, segments and passes.</param>
/// <param name="Fairness">How evenly people have written in it; see <see cref="DraftFigures"/>. Null when nobody has.</param>
/// <param name="NudgedAt">When its holder was last nudged in this turn; null if never.</param>
public sealed record StalledRing(
    Guid DraftId, string Title, Platform Platform, string? HolderName, int Turn, DateTimeOffset HeldSince, DateTimeOffset LastActivityAt, double? Fairness,
    DateTimeOffset? NudgedAt);
