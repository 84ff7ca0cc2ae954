using System.Globalization;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Audit;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Mail;
using OneRing.Web.Users;

namespace OneRing.Web.Administration;

/// <summary>Commands for whoever runs the server: <c>dotnet run --project src/OneRing.Web -- COMMAND</c>. They act on the configured database and end.</summary>
internal static class CommandLine
{
    private const string Usage = """
        Commands:
          user add HANDLE [--admin]   make an account; prints a link with which the person chooses a password
          user disable HANDLE         disable an account: its sign-ins end, and the rings it holds go home
          audit                       recount everything that is kept, beside the servers; exit 1 if it does not agree with itself
          analytics rebuild           count every event anew; figures stay as they are until it is done
          token new HANDLE            make an access token for the HTTP API; prints it on its last line, and nowhere else
          token revoke ID             end an access token
          reset --yes                 throw away everything in the database (not in Production)
        """;

    /// <summary>Whether these arguments are a command. Otherwise they are settings of the server.</summary>
    public static bool IsCommand(string[] arguments) => arguments is [var first, ..] && !first.StartsWith('-');

    /// <summary>Carries out a command. Answers the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, WebApplication app, TextWriter output, TextWriter errors)
    {
        if (app.Services.GetRequiredService<DatabaseSettings>().IsInMemory)
        {
            await errors.WriteLineAsync("Commands act on a database, and none is configured. Set ConnectionStrings__OneRing or DATABASE_URL.");
            return 1;
        }

        try
        {
            await app.Services.PrepareDatabaseAsync();
            return arguments switch
            {
                ["user", "add", var handle] => await AddUserAsync(app, handle, isAdmin: false, output, errors),
                ["user", "add", var handle, "--admin"] => await AddUserAsync(app, handle, isAdmin: true, output, errors),
                ["user", "disable", var handle] => await DisableUserAsync(app, handle, output, errors),
                ["audit"] => await AuditAsync(app, output, errors),
                ["analytics", "rebuild"] => await CountAnewAsync(app, output),
                ["token", "new", var handle] => await MakeTokenAsync(app, handle, output, errors),
                ["token", "revoke", var id] => await RevokeTokenAsync(app, id, output, errors),
                ["reset", "--yes"] => await ResetAsync(app, output, errors),
                ["reset"] => await RefuseAsync(errors, "This throws away everything in the database. If you mean it: reset --yes"),
                _ => await RefuseAsync(errors, Usage),
            };
        }
        catch (DatabaseUnusableException failure)
        {
            return await RefuseAsync(errors, failure.Message);
        }
    }

    private static async Task<int> AddUserAsync(WebApplication app, string handle, bool isAdmin, TextWriter output, TextWriter errors)
    {
        var accounts = app.Services.GetRequiredService<AccountService>();
        var result = await accounts.SignUpAsync(new SignUp(handle, DisplayName: null, Password: null, isAdmin));
        if (!result.Succeeded)
        {
            return await RefuseAsync(errors, RefusalText.For(result.Refusal.Value));
        }

        var account = await accounts.FindAsync(result.Value) ?? throw new InvalidOperationException("The new account is gone.");
        var token = await accounts.MakePasswordTokenAsync(account.Handle) ?? throw new InvalidOperationException("The new account is gone.");
        var link = AccountLinks.ChoosePassword(app.Services.GetRequiredService<PublicUrl>().For("http://localhost:5080"), account.Handle, token);
        await output.WriteLineAsync($"@{account.Handle} has an account{(isAdmin ? " and is an admin" : "")}. This link works once, for a day, to choose a password:");
        await output.WriteLineAsync(link);
        return 0;
    }

    private static async Task<int> DisableUserAsync(WebApplication app, string handle, TextWriter output, TextWriter errors)
    {
        var account = await app.Services.GetRequiredService<AccountService>().FindByHandleAsync(handle);
        if (account is null)
        {
            return await RefuseAsync(errors, RefusalText.For(Refusal.UserUnknown));
        }

        var result = await app.Services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, account.UserId, Act.Disabled, "a command"));
        if (!result.Succeeded)
        {
            return await RefuseAsync(errors, RefusalText.For(result.Refusal.Value));
        }

        await output.WriteLineAsync($"@{account.Handle} is disabled.");
        return 0;
    }

    private static async Task<int> AuditAsync(WebApplication app, TextWriter output, TextWriter errors)
    {
        var report = await app.Services.GetRequiredService<DatabaseAudit>().RunAsync();
        foreach (var check in report.Checks)
        {
            var found = check.Found > 0 ? $": {TimeText.Count((int)check.Found, "contradiction")}" : "";
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{check.Looked,12:N0}  {check.Name}{found}"));
            foreach (var finding in check.Findings)
            {
                await errors.WriteLineAsync($"{(finding.DraftId is { } draftId ? $"Draft {draftId}: " : "")}{finding.Fault}.");
            }
            if (check.Found > check.Findings.Count)
            {
                await errors.WriteLineAsync($"… and {check.Found - check.Findings.Count} more.");
            }
        }
        if (report.Found > 0)
        {
            return await RefuseAsync(errors, $"{TimeText.Count((int)report.Found, "contradiction")} found. Nothing was changed.");
        }

        await output.WriteLineAsync("Everything that is kept agrees with itself.");
        return 0;
    }

    private static async Task<int> CountAnewAsync(WebApplication app, TextWriter output)
    {
        var events = await app.Services.CountEventsAnewAsync();
        await output.WriteLineAsync($"{TimeText.Count(events, "event")} counted anew.");
        return 0;
    }

    private static async Task<int> MakeTokenAsync(WebApplication app, string handle, TextWriter output, TextWriter errors)
    {
        var userId = await app.Services.GetRequiredService<AccountService>().ResolveAsync($"@{handle.TrimStart('@')}");
        var token = await app.Services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(userId, "Made on the command line"));
        if (!token.Succeeded)
        {
            return await RefuseAsync(errors, token.Refusal == Refusal.TooManyTokens ? RefusalText.For(Refusal.TooManyTokens) : $"There is no account @{handle.TrimStart('@')}, or it is disabled.");
        }

        await output.WriteLineAsync($"Token {token.Value.Id} is good until it is revoked. It is shown this one time:");
        await output.WriteLineAsync(token.Value.Secret);
        return 0;
    }

    private static async Task<int> RevokeTokenAsync(WebApplication app, string id, TextWriter output, TextWriter errors)
    {
        if (!Guid.TryParse(id, out var tokenId)
            || await app.Services.GetRequiredService<AccessTokenService>().RevokeAsync(tokenId) is not { Succeeded: true })
        {
            return await RefuseAsync(errors, RefusalText.For(Refusal.TokenUnknown));
        }

        await output.WriteLineAsync($"Token {tokenId} is revoked.");
        return 0;
    }

    private static async Task<int> ResetAsync(WebApplication app, TextWriter output, TextWriter errors)
    {
        if (app.Environment.IsProduction())
        {
            return await RefuseAsync(errors, "In Production nothing is thrown away.");
        }

        await app.Services.ResetDatabaseAsync();
        await output.WriteLineAsync("The database is empty, and ready.");
        return 0;
    }

    private static async Task<int> RefuseAsync(TextWriter errors, string why)
    {
        await errors.WriteLineAsync(why);
        return 1;
    }
}
