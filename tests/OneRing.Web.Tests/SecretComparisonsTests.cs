using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OneRing.Web.Tests;

/// <summary>
/// A comparison that ends at the first byte that differs tells by its time how much of a guess was right. So no secret is compared by one: each is looked up by its hash,
/// or compared in constant time. Read from the source, because no clock shows it reliably.
/// </summary>
public sealed partial class SecretComparisonsTests
{
    /// <summary>What is compared by name like a secret and is none, or is compared where its time cannot be told, and why.</summary>
    private static readonly Dictionary<string, string> Harmless = new(StringComparer.Ordinal)
    {
        ["AccessTokenService.cs: token.TokenHash == hash"] = "an index of the database is asked for the SHA-256 of what was sent: whoever does not know the token cannot steer the hash",
        ["SharingService.cs: link.TokenHash == hash"] = "likewise",
        ["AccessToken.cs: secret.StartsWith(Prefix, StringComparison.Ordinal)"] = "what every token begins with is no secret",
        ["AccountService.cs: code.StartsWith(\"Password\", StringComparison.Ordinal)"] = "the name of a fault",
        ["PasswordRules.cs: Common.Value.Contains(password)"] = "what everybody guesses is no secret, and the one who asks has typed the password",
        ["PasswordRules.cs: password.Contains(host, StringComparison.OrdinalIgnoreCase)"] = "likewise",
        ["PasswordRules.cs: password.Contains(user.Handle, StringComparison.OrdinalIgnoreCase)"] = "likewise",
        ["SessionWatch.cs: stamps.GetValueOrDefault(session.UserId) != session.Stamp"] = "both come from the server: the cookie in which a stamp travels is sealed",
        ["TroublePages.cs: field.Contains(secret, StringComparison.OrdinalIgnoreCase)"] = "the name of a field",
        ["DraftCommands.cs: key.Fingerprint.AsSpan().SequenceEqual(command.Fingerprint)"] = "both are hashes of what the same person sent, who learns the result anyway",
        ["Credentials.cs: u.PasswordHash == before"] = "both are hashes that the server read itself: whether somebody changed the password meanwhile",
        ["EventContents.cs: SHA256.HashData(Encoding.UTF8.GetBytes(data)).AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(4))"] = "a checksum, looked at by the operator's own command",
    };

    private static readonly string[] Comparers = ["Equals", "SequenceEqual", "Compare", "CompareOrdinal", "CompareTo", "StartsWith", "EndsWith", "Contains", "IndexOf", "SequenceCompareTo"];

    [Fact]
    public void No_secret_is_compared_byte_by_byte()
    {
        var found = Sources().SelectMany(source => ComparisonsIn(source.Text).Select(comparison => $"{source.Name}: {comparison}")).ToList();

        Assert.Equal(string.Join('\n', Harmless.Keys.Order(StringComparer.Ordinal)), string.Join('\n', found.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("if (token == kept.Token) { }")]
    [InlineData("if (HashOf(token).SequenceEqual(kept)) { }")]
    [InlineData("if (string.Equals(password, other, StringComparison.Ordinal)) { }")]
    [InlineData("var found = codes.Where(code => code.Equals(sent));")]
    [InlineData("if (invite.TokenHash is var hash && hash != sent) { }")]
    public void The_search_finds_a_comparison_of_that_kind(string statement) =>
        Assert.NotEmpty(ComparisonsIn($"class C {{ void M() {{ {statement} }} }}"));

    private static IEnumerable<string> ComparisonsIn(string code)
    {
        foreach (var node in CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes())
        {
            var compared = node switch
            {
                BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression } two when !IsPlain(two.Left) && !IsPlain(two.Right) => [two.Left, two.Right],
                InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: var method, Expression: var of } } call when Comparers.Contains(method, StringComparer.Ordinal) =>
                    call.ArgumentList.Arguments.Select(argument => argument.Expression).Prepend(of),
                _ => Enumerable.Empty<ExpressionSyntax>(),
            };
            if (compared.Any(IsSecret))
            {
                yield return WhiteSpace().Replace(node.ToString(), " ");
            }
        }
    }

    /// <summary>Whether there is nothing, or a number, or a name of a kind of thing.</summary>
    private static bool IsPlain(ExpressionSyntax side) => side is LiteralExpressionSyntax or PrefixUnaryExpressionSyntax
        || (side is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: var of } } && char.IsUpper(of[0]) && !SecretName().IsMatch(side.ToString()));

    private static bool IsSecret(ExpressionSyntax side) => side switch
    {
        IdentifierNameSyntax name => SecretName().IsMatch(name.Identifier.Text),
        MemberAccessExpressionSyntax { Name.Identifier.Text: "Length" or "Count" or "Id" } => false,
        MemberAccessExpressionSyntax member => SecretName().IsMatch(member.Name.Identifier.Text),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax inner } call => SecretName().IsMatch(inner.Name.Identifier.Text) || IsSecret(inner.Expression) || call.ToString().Contains("HashData", StringComparison.Ordinal),
        InvocationExpressionSyntax { Expression: IdentifierNameSyntax method } => SecretName().IsMatch(method.Identifier.Text),
        PostfixUnaryExpressionSyntax certain => IsSecret(certain.Operand),
        _ => false,
    };

    /// <summary>Everything of ours that runs, also what stands in components.</summary>
    private static IEnumerable<(string Name, string Text)> Sources()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.*", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !file.Contains("Migrations", StringComparison.Ordinal)))
        {
            if (file.EndsWith(".cs", StringComparison.Ordinal))
            {
                yield return (Path.GetFileName(file), File.ReadAllText(file));
            }
            else if (file.EndsWith(".razor", StringComparison.Ordinal) && File.ReadAllText(file) is var text && text.IndexOf("@code", StringComparison.Ordinal) is >= 0 and var at)
            {
                yield return (Path.GetFileName(file), $"class C {text[(at + "@code".Length)..]}");
            }
        }
    }

    [GeneratedRegex("(token|secret|password|passwordhash|hash|hashof|stamp|code|fingerprint)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WhiteSpace();
}
