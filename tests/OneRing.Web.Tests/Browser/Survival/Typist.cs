using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace OneRing.Web.Tests.Browser.Survival;

/// <summary>
/// Types numbered words into a box at a steady pace, as real input, and remembers outside of the page when each of them stood there: so that after
/// any accident it is known what was typed, and until when.
/// </summary>
internal sealed class Typist
{
    private const int WordsPerSecond = 20;

    /// <summary>What may be missing where the browser has kept it.</summary>
    public static readonly TimeSpan InTheBrowser = TimeSpan.FromSeconds(2);

    private const string Start =
        """
        ([next, pause]) => {
            const box = document.querySelector('[data-composer="box"]');
            box.focus();
            box.setSelectionRange(box.value.length, box.value.length);
            window.typing = setInterval(() => {
                if (document.execCommand("insertText", false, `w${next} `)) {
                    wordTyped(next++, Date.now());
                }
            }, pause);
        }
        """;

    private readonly ConcurrentDictionary<int, DateTimeOffset> typed = [];
    private readonly IPage page;
    private int before;

    private Typist(IPage page) => this.page = page;

    /// <summary>How many words are in the box, if none was lost.</summary>
    public int Words => Math.Max(before, typed.Keys.DefaultIfEmpty().Max());

    /// <summary>Everything that was typed.</summary>
    public string Text => TextOf(Words);

    public static async Task<Typist> SitDownAsync(IPage page)
    {
        var typist = new Typist(page);
        await page.ExposeFunctionAsync<int, double, bool>(
            "wordTyped", (word, at) => typist.typed.TryAdd(word, DateTimeOffset.FromUnixTimeMilliseconds((long)at)));
        return typist;
    }

    /// <summary>Puts many words into the box at once, and waits until all of them are saved.</summary>
    public async Task WriteAsync(int words)
    {
        before = words;
        await page.Box().FillAsync(TextOf(words));
        await Assertions.Expect(page.Bar()).ToHaveTextAsync("Saved");
    }

    /// <summary>Types on until the page goes or <see cref="StopAsync"/>.</summary>
    public Task BeginAsync() => page.EvaluateAsync(Start, new[] { Words + 1, 1000 / WordsPerSecond });

    public Task StopAsync() => page.EvaluateAsync("() => clearInterval(window.typing)");

    /// <summary>What is missing in a text of what stood in the box at a moment. A text that is none of what was typed is a failure.</summary>
    public Loss LossIn(string? text, DateTimeOffset at, TimeSpan mayBeLost)
    {
        var had = before + typed.Count(word => word.Key > before && word.Value <= at);
        var has = (text ?? "").Count(character => character == ' ');
        Assert.Equal(TextOf(has), text ?? "");

        var lost = Enumerable.Range(has + 1, Math.Max(0, had - has)).ToList();
        return new Loss(
            Typed: had, Lost: lost.Count, LostOfBefore: lost.Count(word => word <= before || typed[word] <= at - mayBeLost),
            TypingLost: lost.Count == 0 || !typed.TryGetValue(lost[0], out var first) ? TimeSpan.Zero : at - first);
    }

    private static string TextOf(int words) => string.Concat(Enumerable.Range(1, words).Select(word => $"w{word} "));
}

/// <summary>What an accident cost.</summary>
/// <param name="Typed">How many words stood in the box when it happened.</param>
/// <param name="Lost">How many of them are not there any more.</param>
/// <param name="LostOfBefore">How many of these had been typed so long before that they should be there.</param>
/// <param name="TypingLost">How long it took to type what is lost.</param>
internal sealed record Loss(int Typed, int Lost, int LostOfBefore, TimeSpan TypingLost)
{
    public override string ToString() => $"{Lost} words, {TypingLost.TotalMilliseconds:0} ms";
}
