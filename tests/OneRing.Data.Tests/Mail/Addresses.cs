using OneRing.Data.Tests.Database;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Mail;

internal static class Addresses
{
    /// <summary>Gives somebody an address that they have confirmed.</summary>
    public static async Task<string> GiveAddressAsync(this TestDatabase database, IServiceProvider services, string userId)
    {
        var address = $"{userId}@example.test";
        await using var connection = await database.OpenDirectAsync(services);
        await connection.ExecuteAsync(
            "update users set email = @address, normalized_email = @normalized, email_confirmed = (1 = 1) where id = @id",
            ("address", address), ("normalized", address.ToUpperInvariant()), ("id", userId));
        return address;
    }
}
