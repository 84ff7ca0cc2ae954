namespace OneRing.Web;

/// <summary>Tells one run of the server from the next. What is kept in memory ends with it.</summary>
public sealed class ServerName
{
    /// <summary>The answer of <c>/readyz</c> bears it, so that an open page sees that the server it came from has ended.</summary>
    public const string Header = "x-onering-server";

    public string Name { get; } = Guid.NewGuid().ToString("N");
}
