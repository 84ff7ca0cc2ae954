using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Rings;

namespace OneRing.Web.Tests;

/// <summary>The document on limits says what the code keeps.</summary>
public sealed partial class LimitsDocumentTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Type[] Types = [.. typeof(Refusal).Assembly.GetTypes(), .. typeof(RefusalText).Assembly.GetTypes()];

    private static readonly string[] Rows = [.. File.ReadAllLines(Path.Combine(Repository.Root, "docs", "limits.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.EndsWith("` |", StringComparison.Ordinal))];

    [Fact]
    public void Each_figure_is_that_of_the_code()
    {
        Assert.True(Rows.Length >= 40, $"It has only {Rows.Length} limits.");
        foreach (var row in Rows)
        {
            var parts = Limit().Match(row);
            Assert.True(parts.Success, row);
            var figure = long.Parse(parts.Groups["figure"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

            Assert.Equal(row, parts.Groups["unit"].Value switch
            {
                "days" when ValueOf(parts) is TimeSpan time => TimeSpan.FromDays(figure) == time ? row : $"{time}",
                "minutes" when ValueOf(parts) is TimeSpan time => TimeSpan.FromMinutes(figure) == time ? row : $"{time}",
                _ => Convert.ToInt64(ValueOf(parts), CultureInfo.InvariantCulture) is var value && figure == value ? row : $"{value}",
            });
        }
    }

    [Fact]
    public void Whatever_limits_texts_handles_passwords_and_turns_stands_there()
    {
        // How many items a page of a listing has and how the database keeps an address are no limits of what people do.
        string[] others = ["Texts.LongestPage", "Texts.LongestAddress", "TurnRules.UsualExcusedMisses", "PasswordRules.Rounds", "PasswordRules.ShortestName"];
        var limits = from type in (Type[])[typeof(Texts), typeof(User), typeof(TurnRules), Types.Single(type => type.Name == "PasswordRules")]
                     from field in type.GetFields(All)
                     where field is { IsLiteral: true } && field.FieldType == typeof(int)
                     select $"{type.Name}.{field.Name}";

        Assert.All(limits.Except(others, StringComparer.Ordinal), limit => Assert.Contains(Rows, row => row.EndsWith($"`{limit}` |", StringComparison.Ordinal)));
    }

    private static object ValueOf(Match row)
    {
        var type = Types.Single(type => type.Name == row.Groups["type"].Value);
        var name = row.Groups["member"].Value;
        // A setting has its usual value in the constructor of its record.
        return type.GetField(name, All)?.GetValue(obj: null)
            ?? type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).FirstOrDefault(parameter => parameter.Name == name)?.DefaultValue
            ?? throw new InvalidOperationException($"{type.Name} has no {name}.");
    }

    [GeneratedRegex(@"\| (?<figure>[\d,]+) (?<unit>\w+) \| `(?<type>\w+)\.(?<member>\w+)` \|$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Limit();
}
