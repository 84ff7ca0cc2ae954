using System.Security.Cryptography;
using System.Text.Json;
using OneRing.Data.Writing;

namespace OneRing.Data.Drafts;

/// <summary>What somebody wants done. Carries who acts, and the key that makes a retry harmless.</summary>
/// <param name="UserId">Who acts: set by the page or the endpoint, never by the caller's input.</param>
/// <param name="Key">1–200 characters made by the caller; the same key with the same request is carried out once. Without one, a new one is made.</param>
public abstract record Command(string UserId, string? Key)
{
    public string Key { get; } = Key ?? NewKey();

    /// <summary>Whose key, for which operation, on which draft.</summary>
    internal abstract string Scope { get; }

    /// <summary>What of the request a retry must repeat: never the turn, the actor or the key.</summary>
    internal virtual string?[] Substance => [];

    internal string Operation => JsonNamingPolicy.SnakeCaseLower.ConvertName(GetType().Name);

    internal byte[] Fingerprint => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(Substance));

    /// <summary>A key that nobody has used.</summary>
    public static string NewKey() => Guid.NewGuid().ToString("N");

    /// <summary>What can be refused before anything is looked up.</summary>
    internal virtual Refusal? Check() => Texts.CheckKey(Key);
}

/// <summary>A command on a draft that is there already.</summary>
public abstract record DraftCommand(string UserId, Guid DraftId, string? Key) : Command(UserId, Key)
{
    internal override string Scope => $"{UserId}:{Operation}:{DraftId}";

    /// <summary>Whether the role allows it at all. What the ring and the state of the draft say comes later.</summary>
    internal abstract bool IsAllowed(Draft draft, Collaborator actor);

    /// <summary>
    /// Whether somebody may ask who is not one of the draft's people. The operation then decides by what they bring. It does not say
    /// whether the draft is there either.
    /// </summary>
    internal virtual bool IsOpenToGuests => false;

    /// <summary>Whether the operation looks at nothing but the draft and its people, and lets nobody come or go, so that it may decide from what this server remembers of them.</summary>
    internal virtual bool IsDecidedByItsDraft => false;

    /// <summary>What stands in the boxes of the people as far as the command knows. Only where it is right does it hold what was decided from memory.</summary>
    internal virtual OpenText? KnownText => null;
}
