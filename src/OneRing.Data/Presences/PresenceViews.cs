namespace OneRing.Data.Presences;

/// <summary>Who has a draft open, and what one of them writes, as one of its people sees it.</summary>
/// <param name="People">In the order in which they joined the draft.</param>
/// <param name="Writing">What somebody else has typed in this turn and not yet added, if anything.</param>
public sealed record PresenceView(IReadOnlyList<PersonHere> People, WritingView? Writing);

/// <summary>A person who has the draft open.</summary>
public sealed record PersonHere(string UserId, string Name);

/// <summary>What the holder has typed in this turn and not yet added.</summary>
/// <param name="IsNow">Whether they typed a moment ago.</param>
/// <param name="LiveText">The end of it, if they let the others read along; else it has stayed in the database.</param>
public sealed record WritingView(string Name, int Words, bool IsNow, string? LiveText);
