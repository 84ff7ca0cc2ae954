using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Components;

namespace OneRing.Web.Components.Account;

/// <summary>A person's initials in a colour of their own. They always stand beside the name, so they say nothing themselves.</summary>
internal static class Avatar
{
    // As many as styles/account.css has.
    private const int Tones = 8;

    public static MarkupString Of(string userId, string name) =>
        new($"""<span class="avatar avatar-{ToneOf(userId)}" aria-hidden="true">{WebUtility.HtmlEncode(InitialsOf(name))}</span>""");

    // The same on every server and after every start, which GetHashCode would not be.
    private static uint ToneOf(string userId) => userId.Aggregate(17u, (sum, c) => unchecked((sum * 31) + c)) % Tones;

    private static string InitialsOf(string name) => name.TrimStart('@').Split([' ', '_', '-'], StringSplitOptions.RemoveEmptyEntries) switch
    {
        [] => "·",
        [var only] => First(only),
        [var first, .., var last] => First(first) + First(last),
    };

    // A whole character as people see it: an emoji of several parts, or a letter with its marks.
    private static string First(string word) => StringInfo.GetNextTextElement(word).ToUpperInvariant();
}
