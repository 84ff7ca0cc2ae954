using OneRing.Data.Database;
using OneRing.Data.Demo;
using OneRing.Web.Demo;

namespace OneRing.Web;

/// <summary>What the log says once the server listens: where, on which database, and how to sign in.</summary>
internal static partial class Welcome
{
    public static void Log(WebApplication app)
    {
        var database = app.Services.GetRequiredService<DatabaseSettings>();
        var demo = app.Services.GetRequiredService<DemoMode>();
        var addresses = string.Join(", ", app.Urls);
        LogAddress(app.Logger, addresses, database.Description);
        if (database.IsInMemory)
        {
            LogInMemory(app.Logger);
        }
        if (demo.IsEnabled)
        {
            var people = string.Join(", ", DemoService.People.Select(person => person.Name));
            LogDemo(app.Logger, people);
        }
        else
        {
            LogAccounts(app.Logger);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "OneRing is at {Address}, {Database}")]
    private static partial void LogAddress(ILogger logger, string address, string database);

    [LoggerMessage(Level = LogLevel.Information, Message = "Nothing is kept after a stop. Set ConnectionStrings__OneRing to keep it in PostgreSQL")]
    private static partial void LogInMemory(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "The demo is on: open the address and sign in with one click as {People}")]
    private static partial void LogDemo(ILogger logger, string people);

    [LoggerMessage(Level = LogLevel.Information, Message = "Open the address and make an account to sign in")]
    private static partial void LogAccounts(ILogger logger);
}
