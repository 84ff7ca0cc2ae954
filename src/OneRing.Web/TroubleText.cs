using OneRing.Data.Database;

namespace OneRing.Web;

/// <summary>What people are told of a trouble of the database: what happened, what is safe, and what to do next.</summary>
public static class TroubleText
{
    private const string Next = "What you wrote is still on this page. Try again in a moment.";

    /// <summary>In how many seconds to ask again.</summary>
    public static int RetryAfter(DatabaseTrouble trouble) => trouble is DatabaseTrouble.ReadOnly or DatabaseTrouble.Full ? 30 : 2;

    /// <summary>What has happened, in a sentence.</summary>
    public static string For(DatabaseTrouble trouble) => trouble switch
    {
        DatabaseTrouble.Away => "The database does not answer just now.",
        DatabaseTrouble.Busy => "The database has too much to do just now.",
        DatabaseTrouble.ReadOnly => "Just now everything can be read, and nothing changed.",
        DatabaseTrouble.Full => "The database has no room left just now.",
        _ => throw new ArgumentOutOfRangeException(nameof(trouble), trouble, "There are no words for this trouble."),
    };

    /// <summary>What an action has come to. Of one that went out to a database that then went away, nobody can say.</summary>
    public static string ForAction(DatabaseTrouble trouble) => $"{(trouble == DatabaseTrouble.Away ? "This may not be kept yet" : "This is not kept yet")}. {For(trouble)} {Next}";
}
