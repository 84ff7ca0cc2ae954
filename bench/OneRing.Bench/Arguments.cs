using System.Globalization;

namespace OneRing.Bench;

/// <summary>What the command line asks for.</summary>
/// <param name="Command">What is measured.</param>
/// <param name="Quick">Under a minute, for a look; without it, figures to keep.</param>
/// <param name="ConnectionString">A server that may make databases; null starts one.</param>
/// <param name="EventsAsked">How many events to generate; null for as many as usual.</param>
/// <param name="JsonFile">Where the rows go besides the console.</param>
/// <param name="Document">The document into which the tables go as well.</param>
/// <param name="Seed">What chance begins with; null for something else each time.</param>
/// <param name="IsFilled">Whether the database is there, with what <c>generate</c> has made in it.</param>
/// <param name="RequestsAsked">How many requests to send; null for as many as usual.</param>
/// <param name="From">The commit whose server is there before.</param>
/// <param name="MinutesAsked">For how long to write on open pages; null for as long as usual.</param>
/// <param name="Pool">The most connections of each server, and of what is measured in this process; null for as many as a server takes by itself.</param>
internal sealed record Arguments(
    string Command, bool Quick, string? ConnectionString, string? JsonFile, int? EventsAsked = null, bool IsFilled = false, string? Document = null, int? Seed = null,
    int? RequestsAsked = null, string From = "HEAD~1", int? MinutesAsked = null, int? Pool = null)
{
    private const int ManyEvents = 10_000_000;
    private const int QuickEvents = 1_000_000;

    public const string Usage = """
        Usage: dotnet run -c Release --project bench/OneRing.Bench -- commands|memory|circuits|http|feed|chaos|rollout|fuzz|analytics|generate [--quick] [--seed N] [--connection STRING] [--filled] [--json FILE] [--document FILE]

          commands             commands and reads beside hand-written SQL on PostgreSQL, and many at once in memory
          memory               only the last part of that
          circuits             open pages: memory of each, a pass before many watchers, writers beside idle pages
          http                 a whole play over the HTTP API, then calls of it beside hand-written SQL
          feed                 appends that other servers hear of beside appends that they do not
          chaos                ten minutes of appends and passes while servers and PostgreSQL are killed, then the audit
          rollout              a newer server takes over from that of an earlier commit, under load, then the audit
          fuzz                 right and wrong requests to the HTTP API, in memory and on PostgreSQL
          analytics            the dashboard over a year of generated events, counting them, and what appends pay for it
          generate             only makes the events, in the database of --connection, and counts them
          --quick              about a minute; analytics: over a million events instead of ten
          --events N           how many events
          --requests N         fuzz: how many requests to each server
          --minutes N          circuits: for how long people write
          --pool N             all but memory, chaos, rollout and generate: the most connections of each server; without it, as many as a server takes by itself
          --from COMMIT        rollout: the earlier commit; without it, the one before
          --seed N             chaos, rollout, fuzz: the same choices as a run that printed this seed
          --connection STRING  a PostgreSQL server on which to make a database; without it, one is started
          --filled             analytics: in the database of --connection, as generate has left it
          --json FILE          write the rows to a file as well
          --document FILE      write the tables into a document, in place of those of the run before

        Exit 1 when a goal is missed.
        """;

    /// <summary>How many events are generated.</summary>
    public int Events => EventsAsked ?? (Quick ? QuickEvents : ManyEvents);

    /// <summary>The arguments; null when they cannot be understood.</summary>
    public static Arguments? Read(string[] args)
    {
        if (args is not ["commands" or "memory" or "circuits" or "http" or "feed" or "chaos" or "rollout" or "fuzz" or "analytics" or "generate", .. var options])
        {
            return null;
        }

        var read = new Arguments(args[0], Quick: false, ConnectionString: null, JsonFile: null);
        while (options is not [])
        {
            switch (options)
            {
                case ["--quick", .. var rest]:
                    (read, options) = (read with { Quick = true }, rest);
                    break;
                case ["--connection", var connectionString, .. var rest]:
                    (read, options) = (read with { ConnectionString = connectionString }, rest);
                    break;
                case ["--filled", .. var rest]:
                    (read, options) = (read with { IsFilled = true }, rest);
                    break;
                case ["--events", var number, .. var rest] when int.TryParse(number, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var events) && events > 0:
                    (read, options) = (read with { EventsAsked = events }, rest);
                    break;
                case ["--requests", var number, .. var rest] when int.TryParse(number, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var requests) && requests > 0:
                    (read, options) = (read with { RequestsAsked = requests }, rest);
                    break;
                case ["--minutes", var number, .. var rest] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes > 0:
                    (read, options) = (read with { MinutesAsked = minutes }, rest);
                    break;
                case ["--pool", var number, .. var rest] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var pool) && pool > 0:
                    (read, options) = (read with { Pool = pool }, rest);
                    break;
                case ["--seed", var number, .. var rest] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                    (read, options) = (read with { Seed = seed }, rest);
                    break;
                case ["--from", var commit, .. var rest]:
                    (read, options) = (read with { From = commit }, rest);
                    break;
                case ["--json", var file, .. var rest]:
                    (read, options) = (read with { JsonFile = file }, rest);
                    break;
                case ["--document", var file, .. var rest]:
                    (read, options) = (read with { Document = file }, rest);
                    break;
                default:
                    return null;
            }
        }
        return (read.Command == "generate" || read.IsFilled) && read.ConnectionString is null ? null : read;
    }
}
