namespace OneRing.Data;

/// <summary>Makes ids: version 7, and on one server in the order in which they are made, also within a millisecond.</summary>
internal static class NewId
{
    /// <summary>What version 7 leaves to whoever makes an id, behind the 48 bits of the time.</summary>
    private const int FreeBits = 12;

    private static long last;

    /// <summary>An id that sorts behind those that were made here before.</summary>
    public static Guid Next()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << FreeBits;
        long before, next;
        do
        {
            before = Volatile.Read(ref last);
            // More than there is room for in a millisecond, or a clock that was put back, borrows from the time to come.
            next = Math.Max(now, before + 1);
        }
        while (Interlocked.CompareExchange(ref last, next, before) != before);

        Span<byte> id = stackalloc byte[16];
        Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(next >> FreeBits)).TryWriteBytes(id, bigEndian: true, out _);
        id[6] = (byte)((id[6] & 0xF0) | (byte)((next >> 8) & 0x0F));
        id[7] = (byte)next;
        return new Guid(id, bigEndian: true);
    }
}
