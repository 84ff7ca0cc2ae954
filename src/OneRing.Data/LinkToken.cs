using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OneRing.Data;

/// <summary>The secret of a link: 256 random bits, shown once. What is kept is its SHA-256.</summary>
internal static class LinkToken
{
    private const int Bytes = 32;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Compared in constant time, so that nobody learns by waiting how much of a guess was right.</summary>
    public static bool Matches(string token, byte[] hash) => CryptographicOperations.FixedTimeEquals(HashOf(token), hash);
}
