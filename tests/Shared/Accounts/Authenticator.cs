using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OneRing.Tests.Accounts;

/// <summary>The app on a person's phone: it turns the key and the time into six digits (RFC 6238).</summary>
public static class Authenticator
{
    public static string CodeFor(string key) => CodeFor(key, DateTimeOffset.UtcNow);

#pragma warning disable CA5350 // The algorithm of every such app.
    public static string CodeFor(string key, DateTimeOffset at)
    {
        Span<byte> step = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(step, at.ToUnixTimeSeconds() / 30);
        var hash = HMACSHA1.HashData(FromBase32(key), step);
        var offset = hash[^1] & 15;
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(offset)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", null);
    }
#pragma warning restore CA5350

    private static byte[] FromBase32(string key)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bits = string.Concat(key.ToUpperInvariant().Where(c => Alphabet.Contains(c)).Select(c => Convert.ToString(Alphabet.IndexOf(c), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(chunk => chunk.Length == 8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
    }
}
