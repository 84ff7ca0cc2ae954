using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OneRing.Data.Demo;

/// <summary>A speech of a play: what one voice says before another takes over.</summary>
public sealed record Speech(int N, int Act, int Scene, string Speaker, string Text);

/// <summary>A play as a relay: each voice a writer, each speech a segment, each change of voice a pass. One JSON object a line.</summary>
public sealed partial record Relay(string Title, IReadOnlyList<Speech> Speeches)
{
    /// <summary>The voices in the order in which they are first heard.</summary>
    public IReadOnlyList<string> Voices { get; } = [.. Speeches.Select(speech => speech.Speaker).Distinct(StringComparer.Ordinal)];

    /// <summary>Reads a relay from a file; its title is the name of the file.</summary>
    /// <exception cref="FormatException">A line is no speech.</exception>
    public static async Task<Relay> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        var speeches = new List<Speech>();
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
        {
            try
            {
                speeches.Add(JsonSerializer.Deserialize<Speech>(line, JsonSerializerOptions.Web) is { Speaker.Length: > 0, Text.Length: > 0 } speech
                    ? speech
                    : throw new FormatException("It has no speaker or no text."));
            }
            catch (Exception unreadable) when (unreadable is JsonException or FormatException)
            {
                throw new FormatException($"Line {speeches.Count + 1} of {Path.GetFileName(path)} is no speech.", unreadable);
            }
        }
        return speeches.Count > 0
            ? new Relay(TitleCase(Path.GetFileNameWithoutExtension(path)), speeches)
            : throw new FormatException($"{Path.GetFileName(path)} holds no speeches.");
    }

    /// <summary>A handle for a voice: KING CLAUDIUS becomes king_claudius.</summary>
    public static string HandleOf(string voice)
    {
        var handle = NotOfHandles().Replace(voice.ToLowerInvariant(), "_").Trim('_');
        return handle.Length switch
        {
            < 3 => $"voice_{handle}",
            > 30 => handle[..30],
            _ => handle,
        };
    }

    /// <summary>A name for a voice: KING CLAUDIUS becomes King Claudius.</summary>
    public static string TitleCase(string voice) => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(voice.ToLowerInvariant().Replace('-', ' '));

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 100)]
    private static partial Regex NotOfHandles();
}
