using Npgsql;

namespace OneRing.Data.Database;

/// <summary>Reads a <c>postgres://</c> or <c>postgresql://</c> URL, as hosting services hand them out.</summary>
internal static class DatabaseUrl
{
    public static bool IsUrl(string value) =>
        value.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The connection that a URL describes.</summary>
    /// <exception cref="FormatException">It is no such URL, or has a parameter that is not understood.</exception>
    public static NpgsqlConnectionStringBuilder Read(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            throw new FormatException("It is not a URL with a host.");
        }

        var connection = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(url.Host).Trim('[', ']') };
        if (url.Port > 0)
        {
            connection.Port = url.Port;
        }
        if (url.AbsolutePath.Trim('/') is { Length: > 0 } database)
        {
            connection.Database = Uri.UnescapeDataString(database);
        }
        if (url.UserInfo.Length > 0)
        {
            var user = url.UserInfo.Split(':', 2);
            connection.Username = Uri.UnescapeDataString(user[0]);
            connection.Password = user.Length == 2 ? Uri.UnescapeDataString(user[1]) : null;
        }
        foreach (var parameter in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = parameter.Split('=', 2);
            Set(connection, Uri.UnescapeDataString(pair[0]), pair.Length == 2 ? Uri.UnescapeDataString(pair[1]) : "");
        }
        return connection;
    }

    private static void Set(NpgsqlConnectionStringBuilder connection, string name, string value)
    {
        switch (name.ToLowerInvariant())
        {
            case "sslmode":
                connection.SslMode = value.ToLowerInvariant() switch
                {
                    "disable" => SslMode.Disable,
                    "allow" => SslMode.Allow,
                    "prefer" => SslMode.Prefer,
                    "require" => SslMode.Require,
                    "verify-ca" => SslMode.VerifyCA,
                    "verify-full" => SslMode.VerifyFull,
                    _ => throw new FormatException("There is no such sslmode."),
                };
                break;
            case "sslrootcert":
                connection.RootCertificate = value;
                break;
            case "application_name":
                connection.ApplicationName = value;
                break;
            case "connect_timeout":
                connection["Timeout"] = value;
                break;
            default:
                throw new FormatException("It has a parameter that is not understood.");
        }
    }
}
