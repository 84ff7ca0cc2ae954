#:property PublishAot=false
// What scripts/mutation calls: keeps what Stryker reports of the files of a folder in docs/mutation/FOLDER.json, and writes docs/mutation.md anew from all that is
// kept. Exit code 1 when the score of a folder is below the goal.
//
//   dotnet run scripts/mutation-report.cs -- FOLDER REPORT COMMIT TESTS         keeps a report, then writes the document
//   dotnet run scripts/mutation-report.cs -- FOLDER REPORT COMMIT TESTS again   keeps what has become of the mutants that were left, then writes the document
//   dotnet run scripts/mutation-report.cs -- left FOLDER FILE...                prints where the mutants are that are left and have no reason, as Stryker wants to be told
//   dotnet run scripts/mutation-report.cs                                       writes the document
//
// Why a mutant may survive stands in docs/mutation/reasons.json, by hand; the document says so of those that have no reason there.
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

const string Source = "src/OneRing.Data";
const string Results = "docs/mutation";
const string Reasons = $"{Results}/reasons.json";
const string Document = "docs/mutation.md";
const string From = "<!-- results -->";
const string To = "<!-- end of results -->";
const double Goal = 85;
string[] folders = ["Idempotency", "Rings", "Drafts", "Analytics"];

var json = new JsonSerializerOptions
{
    PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    WriteIndented = true,
    IgnoreReadOnlyProperties = true,
    // Code stays readable: no page ever shows these files as HTML.
    Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
};

var reasons = JsonSerializer.Deserialize<Reason[]>(await File.ReadAllTextAsync(Reasons), json)!;
if (args is ["left", var from, .. var names])
{
    foreach (var file in KeptOf(from).Where(file => names is [] || names.Contains(file.Name)))
    {
        var places = Places(from, file).Distinct().Order().ToList();
        if (places.Count > 0)
        {
            Console.WriteLine($"{from}/{file.Name}{string.Concat(places.Select(place => string.Create(CultureInfo.InvariantCulture, $"{{{place.Start}..{place.End}}}")))}");
        }
    }
    return 0;
}
else if (args is [var folder, var report, var commit, var tests, .. var again] && again is [] or ["again"])
{
    var kept = KeptOf(folder).ToDictionary(file => file.Name, StringComparer.Ordinal);
    foreach (var file in Read(folder, report, commit, tests))
    {
        kept[file.Name] = again is [] ? file : kept[file.Name].After(file);
    }
    Directory.CreateDirectory(Results);
    await File.WriteAllTextAsync(KeptIn(folder), JsonSerializer.Serialize(kept.Values.OrderBy(file => file.Name, StringComparer.Ordinal), json) + "\n");
}
else if (args.Length > 0)
{
    await Console.Error.WriteLineAsync("FOLDER REPORT COMMIT TESTS [again], left FOLDER FILE..., or nothing.");
    return 2;
}

var runs = folders.Select(name => new Run(name, KeptOf(name), FilesOf(name))).ToList();
var text = await File.ReadAllTextAsync(Document);
var (start, end) = (text.IndexOf(From, StringComparison.Ordinal), text.IndexOf(To, StringComparison.Ordinal));
await File.WriteAllTextAsync(Document, $"{text[..start]}{From}\n\n{Overview()}{string.Concat(runs.Select(Details))}{text[end..]}");

foreach (var run in runs.Where(run => args.Length == 0 || run.Folder == args[0]))
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Folder}: {run.Sum.Score:F1} % of {run.Sum.Tested} mutants in {run.Files.Length} of {run.AllFiles.Count} files."));
}
return runs.TrueForAll(run => run.Sum.Score >= Goal) ? 0 : 1;

static string KeptIn(string folder) => $"{Results}/{folder}.json";

static IReadOnlyList<string> FilesOf(string folder) =>
    [.. Directory.GetFiles($"{Source}/{folder}", "*.cs", SearchOption.AllDirectories).Select(file => Path.GetRelativePath($"{Source}/{folder}", file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

// Of files that are still there.
FileResult[] KeptOf(string folder) => File.Exists(KeptIn(folder))
    ? [.. JsonSerializer.Deserialize<FileResult[]>(File.ReadAllText(KeptIn(folder)), json)!.Where(file => FilesOf(folder).Contains(file.Name))]
    : [];

// --- What Stryker says -----------------------------------------------------------------------------------------------------------

static IEnumerable<FileResult> Read(string folder, string report, string commit, string tests)
{
    using var document = JsonDocument.Parse(File.ReadAllText(report));
    var marker = $"/OneRing.Data/{folder}/";
    foreach (var file in document.RootElement.GetProperty("files").EnumerateObject())
    {
        var path = file.Name.Replace('\\', '/');
        var at = path.LastIndexOf(marker, StringComparison.Ordinal);
        var mutants = file.Value.GetProperty("mutants").EnumerateArray().ToList();
        // A file that was not asked about is there with what could not be compiled, or with nothing.
        if (at < 0 || !mutants.Exists(mutant => StatusOf(mutant) is "Killed" or "Timeout" or "Survived" or "NoCoverage"))
        {
            continue;
        }

        int Count(string status) => mutants.Count(mutant => StatusOf(mutant) == status);
        var lines = file.Value.GetProperty("source").GetString()!.Split('\n');
        yield return new FileResult(
            path[(at + marker.Length)..],
            commit,
            DateOnly.FromDateTime(DateTime.UtcNow),
            tests,
            Count("Killed"),
            Count("Timeout"),
            Count("Survived"),
            Count("NoCoverage"),
            Count("CompileError"),
            [.. mutants.Where(mutant => StatusOf(mutant) == "Ignored").CountBy(mutant => mutant.GetProperty("statusReason").GetString()!).Select(reason => new Excluded(reason.Key, reason.Value))],
            [.. mutants.Where(mutant => StatusOf(mutant) is "Survived" or "NoCoverage").Select(mutant => MutantOf(mutant, lines)).OrderBy(mutant => mutant.Line)])
        {
            Noticed = [.. mutants.Where(mutant => StatusOf(mutant) is "Killed" or "Timeout").Select(mutant => (MutantOf(mutant, lines), StatusOf(mutant) == "Timeout"))],
        };
    }
}

static string StatusOf(JsonElement mutant) => mutant.GetProperty("status").GetString()!;

static Mutant MutantOf(JsonElement mutant, string[] lines)
{
    var (firstLine, firstColumn) = PlaceOf(mutant, "start");
    var (lastLine, lastColumn) = PlaceOf(mutant, "end");
    var original = firstLine == lastLine
        ? lines[firstLine][firstColumn..lastColumn]
        : string.Join(' ', [lines[firstLine][firstColumn..], .. lines[(firstLine + 1)..lastLine], lines[lastLine][..lastColumn]]);
    return new Mutant(firstLine + 1, StatusOf(mutant) == "Survived", Plain(original), Plain(mutant.GetProperty("replacement").GetString()!));
}

static (int Line, int Column) PlaceOf(JsonElement mutant, string which)
{
    var place = mutant.GetProperty("location").GetProperty(which);
    return (place.GetProperty("line").GetInt32() - 1, place.GetProperty("column").GetInt32() - 1);
}

// Where the code of each mutant stands that is left without a reason, in characters from the beginning of its file.
IEnumerable<(int Start, int End)> Places(string folder, FileResult file)
{
    var source = File.ReadAllText($"{Source}/{folder}/{file.Name}");
    foreach (var mutant in file.Left.Where(mutant => ReasonOf($"{folder}/{file.Name}", mutant) is null))
    {
        var line = source.Split('\n').Take(mutant.Line - 1).Sum(before => before.Length + 1);
        var found = new Regex(string.Join("\\s+", mutant.Original.Split(' ').Select(Regex.Escape))).Match(source, line);
        yield return found.Success && source.IndexOf('\n', line) > found.Index
            ? (found.Index, found.Index + found.Length)
            : throw new InvalidOperationException($"{file.Name}:{mutant.Line} is no longer what it was. Try the whole file anew.");
    }
}

// On one line, with single blanks.
static string Plain(string code) => string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

// --- The document ----------------------------------------------------------------------------------------------------------------

string Overview()
{
    var text = new StringBuilder("| Folder | files | mutants | killed | timeout | survived | no test | score | goal |\n|---|---:|---:|---:|---:|---:|---:|---:|---|\n");
    foreach (var run in runs)
    {
        var goal = run.Files.Length == 0 ? "not run" : run.Sum.Score < Goal ? "missed" : run.Missing.Any() ? "ok, so far" : "ok";
        text.Append(CultureInfo.InvariantCulture, $"| {run.Folder} | {run.Files.Length} of {run.AllFiles.Count} | {Figures(run.Sum)} | {goal} |\n");
    }
    return text.Append('\n').ToString();
}

string Details(Run run)
{
    var text = new StringBuilder($"## {run.Folder}\n\n");
    if (run.Missing.Any())
    {
        text.Append(CultureInfo.InvariantCulture, $"Not run, or without a mutant: {string.Join(", ", run.Missing)}.\n\n");
    }
    if (run.Files.Length == 0)
    {
        return text.ToString();
    }

    text.Append("| File | mutants | killed | timeout | survived | no test | score | not compiled | commit | date | only these tests |\n|---|---:|---:|---:|---:|---:|---:|---:|---|---|---|\n");
    foreach (var file in run.Files)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {file.Name} | {Figures(file)} | {file.NotCompiled} | {file.Commit} | {file.Date:yyyy-MM-dd} | {file.Tests} |\n");
    }
    text.Append(CultureInfo.InvariantCulture, $"\nNot tested: {run.Sum.NotCompiled} that do not compile");
    foreach (var (reason, count) in run.Files.SelectMany(file => file.Excluded).GroupBy(excluded => excluded.Reason, (reason, all) => (reason, all.Sum(excluded => excluded.Count))))
    {
        text.Append(CultureInfo.InvariantCulture, $"; {count} excluded, “{reason}”");
    }
    text.Append(".\n\n");

    var left = run.Files.SelectMany(file => file.Left.Select(mutant => (File: file.Name, Mutant: mutant))).ToLookup(left => ReasonOf($"{run.Folder}/{left.File}", left.Mutant));
    foreach (var reason in left.OrderBy(reason => reason.Key is null))
    {
        text.Append(CultureInfo.InvariantCulture, $"**{reason.Key ?? "No reason: a test could notice these, or nobody has looked."}**\n\n");
        foreach (var (file, mutant) in reason)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {file}:{mutant.Line}{(mutant.IsTested ? "" : ", no test")}: `{Short(mutant.Original)}` → `{Short(mutant.Replacement)}`\n");
        }
        text.Append('\n');
    }
    return text.ToString();
}

// A mutant is known again by its code rather than by its line, which moves.
string? ReasonOf(string file, Mutant mutant) => Array.Find(reasons, reason => reason.File == file
    && mutant.Original.Contains(reason.Original, StringComparison.Ordinal) && (reason.Replacement is null || mutant.Replacement == reason.Replacement))?.Because;

static string Short(string code) => (code.Length > 120 ? code[..117] + "…" : code).Replace('`', '\'');

static string Figures(FileResult sum) => sum.Tested == 0 ? "| | | | |" : string.Create(
    CultureInfo.InvariantCulture, $"{sum.Tested} | {sum.Killed} | {sum.TimedOut} | {sum.Survived} | {sum.Untested} | {sum.Score:F1} %");

/// <summary>What is known of a folder.</summary>
internal sealed record Run(string Folder, FileResult[] Files, IReadOnlyList<string> AllFiles)
{
    public IEnumerable<string> Missing => AllFiles.Except(Files.Select(file => file.Name));

    public FileResult Sum => Files.Aggregate(new FileResult("", "", default, "", 0, 0, 0, 0, 0, [], []), (sum, file) => sum + file);
}

/// <summary>What became of the mutants of a file.</summary>
/// <param name="Commit">Of which state of the sources; with a plus sign where these had changed since.</param>
/// <param name="Tests">The only tests that were asked; empty for those of the folder.</param>
/// <param name="Left">The mutants that no test noticed.</param>
internal sealed record FileResult(
    string Name, string Commit, DateOnly Date, string Tests, int Killed, int TimedOut, int Survived, int Untested, int NotCompiled, Excluded[] Excluded, Mutant[] Left)
{
    /// <summary>The mutants that a test noticed in this run. Only those that were left are asked about again.</summary>
    [JsonIgnore]
    public IReadOnlyList<(Mutant Mutant, bool TimedOut)> Noticed { get; init; } = [];

    public int Tested => Killed + TimedOut + Survived + Untested;

    /// <summary>The same after other tests were asked about what was left: whatever some tests notice, they notice beside others too.</summary>
    public FileResult After(FileResult again)
    {
        // Of two that look alike on one line nobody can tell which was noticed.
        var noticed = Left.Where(mutant => !again.Left.Any(other => IsSame(other, mutant)))
            .Select(mutant => (Mutant: mutant, Now: again.Noticed.Where(now => IsSame(now.Mutant, mutant)).ToList()))
            .Where(mutant => mutant.Now.Count > 0)
            .ToList();
        var timedOut = noticed.Count(mutant => mutant.Now.Exists(now => now.TimedOut));
        var left = Left.Where(mutant => !noticed.Exists(other => other.Mutant == mutant))
            .Select(mutant => mutant with { IsTested = mutant.IsTested || again.Left.Any(other => other.IsTested && IsSame(other, mutant)) })
            .ToArray();
        return this with
        {
            Commit = again.Commit,
            Date = again.Date,
            Tests = Tests == again.Tests ? Tests : $"{Tests}; of what was left: {(again.Tests.Length == 0 ? "all" : again.Tests)}",
            Killed = Killed + Left.Length - left.Length - timedOut,
            TimedOut = TimedOut + timedOut,
            Survived = left.Count(mutant => mutant.IsTested),
            Untested = left.Count(mutant => !mutant.IsTested),
            Left = left,
        };

        static bool IsSame(Mutant one, Mutant other) => one.Line == other.Line && one.Original == other.Original && one.Replacement == other.Replacement;
    }

    /// <summary>In per cent, as Stryker reckons it: a mutant without a test counts as one that survived.</summary>
    public double Score => Tested == 0 ? 0 : 100.0 * (Killed + TimedOut) / Tested;

    public static FileResult operator +(FileResult a, FileResult b) => a with
    {
        Killed = a.Killed + b.Killed,
        TimedOut = a.TimedOut + b.TimedOut,
        Survived = a.Survived + b.Survived,
        Untested = a.Untested + b.Untested,
        NotCompiled = a.NotCompiled + b.NotCompiled,
    };
}

internal sealed record Excluded(string Reason, int Count);

/// <param name="IsTested">Whether a test ran it at all.</param>
internal sealed record Mutant(int Line, bool IsTested, string Original, string Replacement);

/// <summary>Why mutants of a file may survive: those whose code contains the original, and whose replacement is this one; null for any.</summary>
internal sealed record Reason(string File, string Original, string? Replacement, string Because);
