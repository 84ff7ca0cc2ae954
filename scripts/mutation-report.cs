#:property PublishAot=false
// What scripts/mutation calls: reduces what Stryker reports of a folder to docs/mutation/FOLDER.json, and writes docs/mutation.md anew from all of these files.
//
//   dotnet run scripts/mutation-report.cs -- FOLDER REPORT COMMIT MINUTES      keeps a report, then writes the document
//   dotnet run scripts/mutation-report.cs                                      writes the document
//
// Why a mutant may survive stands in docs/mutation/reasons.json, by hand; the document says so of those for which it gives no reason.
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

const string Results = "docs/mutation";
const string Document = "docs/mutation.md";
const double Goal = 85;

var json = new JsonSerializerOptions
{
    PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    WriteIndented = true,
    // Code stays readable: no page ever shows these files as HTML.
    Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
};

if (args is [var folder, var report, var commit, var minutes])
{
    var kept = Read(folder, report, commit, int.Parse(minutes, CultureInfo.InvariantCulture));
    Directory.CreateDirectory(Results);
    await File.WriteAllTextAsync($"{Results}/{folder}.json", JsonSerializer.Serialize(kept, json) + "\n");
}
else if (args.Length > 0)
{
    await Console.Error.WriteLineAsync("FOLDER REPORT COMMIT MINUTES, or nothing.");
    return 2;
}

var reasons = JsonSerializer.Deserialize<Reason[]>(await File.ReadAllTextAsync($"{Results}/reasons.json"), json)!;
var runs = new List<Run>();
foreach (var file in Directory.GetFiles(Results, "*.json").Order(StringComparer.Ordinal).Where(file => Path.GetFileName(file) != "reasons.json"))
{
    runs.Add(JsonSerializer.Deserialize<Run>(await File.ReadAllTextAsync(file), json)!);
}

var text = await File.ReadAllTextAsync(Document);
const string From = "<!-- results -->";
const string To = "<!-- end of results -->";
var (start, end) = (text.IndexOf(From, StringComparison.Ordinal), text.IndexOf(To, StringComparison.Ordinal));
await File.WriteAllTextAsync(Document, $"{text[..start]}{From}\n\n{Tables(runs)}\n{text[end..]}");

foreach (var run in runs.Where(run => args.Length == 0 || run.Folder == args[0]))
{
    Console.WriteLine($"{run.Folder}: {run.Score.ToString("F1", CultureInfo.InvariantCulture)} % of {run.Files.Sum(file => file.Tested)} mutants.");
}
return runs.TrueForAll(run => run.Score >= Goal) ? 0 : 1;

static Run Read(string folder, string report, string commit, int minutes)
{
    using var stream = File.OpenRead(report);
    using var document = JsonDocument.Parse(stream);
    var marker = $"/OneRing.Data/{folder}/";
    var (files, left, excluded) = (new List<FileResult>(), new List<Mutant>(), new List<string>());
    foreach (var file in document.RootElement.GetProperty("files").EnumerateObject())
    {
        var at = file.Name.Replace('\\', '/').LastIndexOf(marker, StringComparison.Ordinal);
        if (at < 0)
        {
            continue;
        }

        var name = file.Name[(at + marker.Length)..].Replace('\\', '/');
        var lines = file.Value.GetProperty("source").GetString()!.Split('\n');
        var mutants = file.Value.GetProperty("mutants").EnumerateArray().ToList();
        int Count(string status) => mutants.Count(mutant => StatusOf(mutant) == status);
        files.Add(new FileResult(name, Count("Killed"), Count("Timeout"), Count("Survived"), Count("NoCoverage"), Count("CompileError")));
        left.AddRange(mutants.Where(mutant => StatusOf(mutant) is "Survived" or "NoCoverage").Select(mutant => MutantOf(name, mutant, lines)));
        excluded.AddRange(mutants.Where(mutant => StatusOf(mutant) == "Ignored").Select(mutant => mutant.GetProperty("statusReason").GetString()!));
    }
    return new Run(
        folder,
        commit,
        DateOnly.FromDateTime(DateTime.UtcNow),
        minutes,
        [.. files.OrderBy(file => file.Name, StringComparer.Ordinal)],
        [.. excluded.CountBy(reason => reason).OrderBy(reason => reason.Key, StringComparer.Ordinal).Select(reason => new Excluded(reason.Key, reason.Value))],
        [.. left.OrderBy(mutant => mutant.File, StringComparer.Ordinal).ThenBy(mutant => mutant.Line)]);
}

static string StatusOf(JsonElement mutant) => mutant.GetProperty("status").GetString()!;

static Mutant MutantOf(string file, JsonElement mutant, string[] lines)
{
    var (from, to) = (mutant.GetProperty("location").GetProperty("start"), mutant.GetProperty("location").GetProperty("end"));
    var (firstLine, firstColumn) = (from.GetProperty("line").GetInt32(), from.GetProperty("column").GetInt32());
    var (lastLine, lastColumn) = (to.GetProperty("line").GetInt32(), to.GetProperty("column").GetInt32());
    var original = firstLine == lastLine
        ? lines[firstLine - 1][(firstColumn - 1)..(lastColumn - 1)]
        : string.Join(' ', [lines[firstLine - 1][(firstColumn - 1)..], .. lines[firstLine..(lastLine - 1)], lines[lastLine - 1][..(lastColumn - 1)]]);
    return new Mutant(file, firstLine, StatusOf(mutant), Plain(original), Plain(mutant.GetProperty("replacement").GetString()!));
}

// On one line, with single blanks.
static string Plain(string code) => string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

string Tables(List<Run> runs)
{
    var text = new StringBuilder();
    text.Append("| Folder | mutants | killed | timeout | survived | no test | score | goal | commit | date | minutes |\n|---|---:|---:|---:|---:|---:|---:|---|---|---|---:|\n");
    foreach (var run in runs)
    {
        var score = string.Create(CultureInfo.InvariantCulture, $"{run.Score:F1} % | {(run.Score >= Goal ? "ok" : "missed")}");
        text.Append(CultureInfo.InvariantCulture, $"| {run.Folder} | {Figures(run.Sum)} | {score} | {run.Commit} | {run.Date:yyyy-MM-dd} | {run.Minutes} |\n");
    }
    foreach (var run in runs)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {run.Folder}\n\n| File | mutants | killed | timeout | survived | no test | score |\n|---|---:|---:|---:|---:|---:|---:|\n");
        foreach (var file in run.Files.Where(file => file.Tested > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {file.Name} | {Figures(file)} | {file.Score:F1} % |\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"\nNot tested: {run.Sum.NotCompiled} that do not compile");
        foreach (var excluded in run.Excluded)
        {
            text.Append(CultureInfo.InvariantCulture, $"; {excluded.Count} excluded, “{excluded.Reason}”");
        }
        text.Append(".\n\n");
        AppendLeft(text, run);
    }
    return text.ToString();
}

void AppendLeft(StringBuilder text, Run run)
{
    foreach (var known in run.Left.Where(mutant => ReasonOf(run, mutant) is not null).GroupBy(mutant => ReasonOf(run, mutant)))
    {
        text.Append(CultureInfo.InvariantCulture, $"**{known.Key}**\n\n");
        AppendMutants(text, known);
    }
    var others = run.Left.Where(mutant => ReasonOf(run, mutant) is null).ToList();
    if (others.Count > 0)
    {
        text.Append("**No reason: a test could kill these, or nobody has looked.**\n\n");
        AppendMutants(text, others);
    }
}

static void AppendMutants(StringBuilder text, IEnumerable<Mutant> mutants)
{
    foreach (var mutant in mutants)
    {
        text.Append(CultureInfo.InvariantCulture, $"- {mutant.File}:{mutant.Line}{(mutant.Status == "NoCoverage" ? ", no test" : "")}: `{Short(mutant.Original)}` → `{Short(mutant.Replacement)}`\n");
    }
    text.Append('\n');
}

static string Short(string code) => (code.Length > 100 ? code[..97] + "…" : code).Replace('`', '\'');

// A mutant is known again by its code rather than by its line, which moves.
string? ReasonOf(Run run, Mutant mutant) => Array.Find(reasons, reason => reason.File == $"{run.Folder}/{mutant.File}"
    && (reason.Original is null || mutant.Original.Contains(reason.Original, StringComparison.Ordinal)) && (reason.Replacement is null || mutant.Replacement == reason.Replacement))?.Because;

static string Figures(FileResult sum) => string.Create(CultureInfo.InvariantCulture, $"{sum.Tested} | {sum.Killed} | {sum.TimedOut} | {sum.Survived} | {sum.Untested}");

/// <summary>What became of the mutants of a folder.</summary>
/// <param name="Commit">Of which state of the sources; with a plus sign where these had changed since.</param>
/// <param name="Left">The mutants that no test noticed.</param>
internal sealed record Run(string Folder, string Commit, DateOnly Date, int Minutes, FileResult[] Files, Excluded[] Excluded, Mutant[] Left)
{
    public FileResult Sum => Files.Aggregate(new FileResult("", 0, 0, 0, 0, 0), (sum, file) => sum + file);

    public double Score => Sum.Score;
}

internal sealed record FileResult(string Name, int Killed, int TimedOut, int Survived, int Untested, int NotCompiled)
{
    public int Tested => Killed + TimedOut + Survived + Untested;

    /// <summary>In per cent, as Stryker reckons it: a mutant without a test counts as one that survived.</summary>
    public double Score => Tested == 0 ? 100 : 100.0 * (Killed + TimedOut) / Tested;

    public static FileResult operator +(FileResult a, FileResult b) =>
        new("", a.Killed + b.Killed, a.TimedOut + b.TimedOut, a.Survived + b.Survived, a.Untested + b.Untested, a.NotCompiled + b.NotCompiled);
}

internal sealed record Excluded(string Reason, int Count);

internal sealed record Mutant(string File, int Line, string Status, string Original, string Replacement);

/// <summary>Why mutants of a file may survive: those whose code contains the original, and whose replacement is this one; null for any.</summary>
internal sealed record Reason(string File, string? Original, string? Replacement, string Because);
