using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OneRing.Data.Accounts;

/// <summary>
/// The codes of authenticator apps (RFC 6238): six digits, others every thirty seconds. Identity says whether a code is right, but not of which step it is, and that has to be known
/// for a code to be taken only once.
/// </summary>
internal static class Totp
{
    private const int StepSeconds = 30;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Telephones are a little slow or fast, and so are those who type: the code before and the one after are taken too.</summary>
    private const int Tolerance = 1;

    /// <summary>The step whose code this is, of those about now; null if it is the code of none.</summary>
    public static long? StepOf(string key, string code, DateTimeOffset now)
    {
        var secret = Read(key);
        var given = Encoding.ASCII.GetBytes(code);
        var present = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        for (var step = present - Tolerance; step <= present + Tolerance; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(CodeOf(secret, step))))
            {
                found = step;
            }
        }
        return found;
    }

#pragma warning disable CA5350 // What every such app reckons with.
    private static string CodeOf(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        var hash = HMACSHA1.HashData(secret, counter);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 0xF)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }
#pragma warning restore CA5350

    private static byte[] Read(string key)
    {
        var secret = new List<byte>();
        var (bits, count) = (0, 0);
        foreach (var letter in key)
        {
            (bits, count) = (((bits << 5) | Base32.IndexOf(letter, StringComparison.Ordinal)) & 0xFFF, count + 5);
            if (count >= 8)
            {
                count -= 8;
                secret.Add((byte)((bits >> count) & 0xFF));
            }
        }
        return [.. secret];
    }
}
