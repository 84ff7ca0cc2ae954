using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Administration;

/// <summary>The commands as an operator gives them: to a process of its own, beside a server on the same database.</summary>
[Trait("Database", "PostgreSQL")]
public sealed partial class CommandLineTests(Postgres database) : IClassFixture<Postgres>
{
    private const string Password = "a lamp that would not sleep";

    [Fact]
    public async Task A_new_person_gets_a_link_that_works_once()
    {
        var (exitCode, output) = await RunAsync("user", "add", "Marten");
        Assert.True(exitCode == 0, output);
        Assert.Contains("@marten has an account. ", output, StringComparison.Ordinal);
        var link = new Uri(LinkLine().Match(output).Value);
        Assert.Equal("http://localhost:5080/account/choose-password", link.GetLeftPart(UriPartial.Path));

        await using var server = new OneRingServer(database.ConnectionString);
        var visitor = server.Visit();
        Assert.Equal("/", (await ChooseAsync(visitor, link.PathAndQuery)).RedirectsTo);
        Assert.DoesNotContain("Analytics", (await visitor.OpenAsync("/")).Text, StringComparison.Ordinal);

        Assert.Single((await ChooseAsync(server.Visit(), link.PathAndQuery)).Alerts);
        Assert.Single((await ChooseAsync(server.Visit(), link.PathAndQuery[..^4])).Alerts);
        Assert.Equal("/", (await server.Visit().SignInAsync("marten", Password)).RedirectsTo);
    }

    [Fact]
    public async Task An_admin_is_made_with_a_word_and_the_link_names_the_public_address()
    {
        var (exitCode, output) = await ServerProcess.RunAsync(
            ["user", "add", "keeper", "--admin"], Database, ("OneRing__PublicUrl", "https://onering.example/"));

        Assert.True(exitCode == 0, output);
        Assert.Contains("@keeper has an account and is an admin.", output, StringComparison.Ordinal);
        Assert.Contains("https://onering.example/account/choose-password?handle=keeper&token=", output, StringComparison.Ordinal);
        var keeper = await FindAsync("keeper");
        Assert.True(keeper!.IsAdmin);
    }

    [Fact]
    public async Task A_handle_that_is_taken_or_impossible_is_refused()
    {
        var taken = await database.Services.HandleOfAsync(await database.Services.APersonAsync("Ana"));

        var again = await RunAsync("user", "add", taken);
        var impossible = await RunAsync("user", "add", "no handle");

        Assert.Equal((1, true), (again.ExitCode, again.Output.Contains(RefusalText.For(Refusal.HandleTaken), StringComparison.Ordinal)));
        Assert.Equal((1, true), (impossible.ExitCode, impossible.Output.Contains(RefusalText.For(Refusal.HandleInvalid), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_command_disables_an_account_and_the_audit_says_that_all_is_sound_or_what_is_not()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var handle = await database.Services.HandleOfAsync(draft.Ben);

        var disabled = await RunAsync("user", "disable", $"@{handle}");
        var unknown = await RunAsync("user", "disable", "nobody_at_all");
        var sound = await RunAsync("audit");

        Assert.True(disabled.ExitCode == 0, disabled.Output);
        Assert.Null(await database.Get<AccountService>().FindAsync(draft.Ben));
        Assert.Equal(draft.Ana, (await database.Services.ReadAsync(draft.Id, draft.Ana)).HolderId);
        Assert.Equal((1, true), (unknown.ExitCode, unknown.Output.Contains(RefusalText.For(Refusal.UserUnknown), StringComparison.Ordinal)));
        Assert.Equal((0, true), (sound.ExitCode, sound.Output.Contains("agrees with itself", StringComparison.Ordinal)));

        await using (var connection = new Npgsql.NpgsqlConnection(database.ConnectionString))
        {
            await connection.OpenAsync();
            await using var spoil = new Npgsql.NpgsqlCommand("update drafts set segment_count = segment_count + 1 where id = $1", connection) { Parameters = { new() { Value = draft.Id } } };
            await spoil.ExecuteNonQueryAsync();
        }
        var spoilt = await RunAsync("audit");
        Assert.Equal((1, true), (spoilt.ExitCode, spoilt.Output.Contains($"Draft {draft.Id}: 0 segments where the draft counts 1.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_command_counts_every_event_anew()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.AppendAsync(draft.Id, draft.Ana, "One two");
        await using (var connection = new Npgsql.NpgsqlConnection(database.ConnectionString))
        {
            await connection.OpenAsync();
            await using var spoil = new Npgsql.NpgsqlCommand("delete from uncounted_events; delete from activity_slots", connection);
            await spoil.ExecuteNonQueryAsync();
        }

        var (exitCode, output) = await RunAsync("analytics", "rebuild");

        Assert.True(exitCode == 0, output);
        Assert.Contains("counted anew.", output, StringComparison.Ordinal);
        var ada = await database.Services.APersonAsync("Ada", isAdmin: true);
        Assert.True(Given.Succeed(await database.Get<AnalyticsService>().ReadDashboardAsync(ada, new DashboardQuery())).Figures.Words >= 2);
    }

    [Fact]
    public async Task A_token_stands_alone_on_the_last_line_and_works_until_it_is_revoked()
    {
        var ana = await database.Services.APersonAsync("Ana");
        var tokens = database.Get<AccessTokenService>();

        var (exitCode, output) = await RunAsync("token", "new", await database.Services.HandleOfAsync(ana));

        Assert.True(exitCode == 0, output);
        var secret = output.TrimEnd().Split('\n')[^1].Trim();
        Assert.Equal(ana, await tokens.FindUserIdAsync(secret));

        var id = Assert.Single(await tokens.ListAsync(ana)).Id;
        Assert.Contains($"{id}", output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("token", "revoke", $"{id}")).ExitCode);
        Assert.Null(await tokens.FindUserIdAsync(secret));

        var again = await RunAsync("token", "revoke", $"{id}");
        Assert.Equal((1, true), (again.ExitCode, again.Output.Contains(RefusalText.For(Refusal.TokenUnknown), StringComparison.Ordinal)));
        Assert.Equal(1, (await RunAsync("token", "revoke", "it")).ExitCode);
        var nobody = await RunAsync("token", "new", "nobody_at_all");
        Assert.Equal((1, true), (nobody.ExitCode, nobody.Output.Contains("There is no account @nobody_at_all", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unknown_command_is_answered_with_those_there_are()
    {
        var (exitCode, output) = await RunAsync("dance");

        Assert.Equal(1, exitCode);
        Assert.Contains("user add HANDLE [--admin]", output, StringComparison.Ordinal);
        Assert.Contains("reset --yes", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_database_a_command_says_so()
    {
        var (exitCode, output) = await ServerProcess.RunAsync(["user", "add", "marten"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("none is configured", output, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__OneRing", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_is_thrown_away_only_when_it_is_meant_and_never_in_Production()
    {
        var own = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var services = database.BuildServices(connectionString: own);
        await services.PrepareDatabaseAsync();
        var draft = await services.ADraftHeldByAnaAsync();
        (string Name, string? Value) here = ("ConnectionStrings__OneRing", own);
        (string Name, string? Value) development = ("ASPNETCORE_ENVIRONMENT", "Development");

        var unsaid = await ServerProcess.RunAsync(["reset"], here, development);
        Assert.Equal((1, true), (unsaid.ExitCode, unsaid.Output.Contains("reset --yes", StringComparison.Ordinal)));

        var production = await ServerProcess.RunAsync(["reset", "--yes"], here);
        Assert.Equal((1, true), (production.ExitCode, production.Output.Contains("In Production nothing is thrown away.", StringComparison.Ordinal)));
        Assert.NotNull(await services.GetRequiredService<DraftService>().FindAsync(draft.Id, draft.Ana));

        var meant = await ServerProcess.RunAsync(["reset", "--yes"], here, development);
        Assert.True(meant.ExitCode == 0, meant.Output);
        Assert.Null(await services.GetRequiredService<DraftService>().FindAsync(draft.Id, draft.Ana));
        Assert.Null(await services.GetRequiredService<AccountService>().FindAsync(draft.Ana));
        Assert.NotEmpty(await services.APersonAsync("Ana"));
    }

    private (string Name, string? Value) Database => ("ConnectionStrings__OneRing", database.ConnectionString);

    private Task<(int ExitCode, string Output)> RunAsync(params string[] command) => ServerProcess.RunAsync(command, Database);

    private static async Task<Page> ChooseAsync(Visitor visitor, string link)
    {
        var page = await visitor.OpenAsync(link);
        return await visitor.PressAsync(page, "Keep it and sign in", ("Password for @marten", Password));
    }

    private async Task<AccountView?> FindAsync(string handle)
    {
        var owner = await database.Services.APersonAsync("Somebody");
        var draftId = Given.Succeed(await database.Get<DraftService>().CreateAsync(new CreateDraft(owner, "To find somebody by their handle")));
        var userId = Given.Succeed(await database.Get<CollaboratorService>().AddAsync(new AddCollaborator(owner, draftId, handle, Role.Reader)));
        return await database.Get<AccountService>().FindAsync(userId);
    }

    [GeneratedRegex(@"http\S+/account/choose-password\S+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LinkLine();
}
