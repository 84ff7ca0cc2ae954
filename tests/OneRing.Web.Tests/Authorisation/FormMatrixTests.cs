using System.Data.Common;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Tests.Accounts;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Authorisation;

public sealed class FormMatrixTests_InMemory(SiteInMemory site) : FormMatrixTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class FormMatrixTests_Postgres(SiteOnPostgres site) : FormMatrixTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>
/// Who changes something by which form of a page without a circuit: each is sent as an attacker sends it, without looking at the page, by everybody, with the token that their own browser
/// was given; and by everybody without any. Whether something was changed is read from the rows of the database.
/// </summary>
public abstract class FormMatrixTests(Site site)
{
    private const string Password = "a lamp that would not sleep";
    private const string Next = "an old coat in the rain";

    /// <summary>Who changes something by it: "yes", or "-" for nothing.</summary>
    private static readonly Matrix Who = new(
        """
        -- who                                  Anonymous Stranger Reader Writer Holder Owner Former Disabled Admin
        SignUpPage.SignUpAsync                | yes       yes      yes    yes    yes    yes   yes    yes      yes
        InvitePage.AnswerAsync                | -         yes      -      -      -      -     yes    -        yes
        ProfilePage.KeepAsync                 | -         yes      yes    yes    yes    yes   yes    -        yes
        NoticesPage.KeepAsync                 | -         yes      yes    yes    yes    yes   yes    -        yes
        WhereaboutsPage.KeepZoneAsync         | -         yes      yes    yes    yes    yes   yes    -        yes
        WhereaboutsPage.KeepAwayAsync         | -         yes      yes    yes    yes    yes   yes    -        yes
        SecurityPage.ChangeEmailAsync         | -         yes      yes    yes    yes    yes   yes    -        yes
        ConfirmEmailPage.ConfirmAsync         | -         yes      yes    yes    yes    yes   yes    -        yes
        ForgotPasswordPage.SendAsync          | yes       yes      yes    yes    yes    yes   yes    -        yes
        SecurityPage.ChangePasswordAsync      | -         yes      yes    yes    yes    yes   yes    -        yes
        ChoosePasswordPage.ChooseAsync        | yes       yes      yes    yes    yes    yes   yes    -        yes
        TwoFactorPage.StartAsync              | -         yes      yes    yes    yes    yes   yes    -        yes
        TwoFactorPage.ConfirmAsync            | -         yes      yes    yes    yes    yes   yes    -        yes
        TwoFactorPage.MakeCodesAsync          | -         yes      yes    yes    yes    yes   yes    -        yes
        TwoFactorPage.TurnOffAsync            | -         yes      yes    yes    yes    yes   yes    -        yes
        SecurityPage.SignOutEverywhereAsync   | -         yes      yes    yes    yes    yes   yes    -        yes
        SignInCodePage.CheckAsync             | -         -        -      -      -      -     -      -        -
        DataPage.DeleteAsync                  | -         yes      yes    yes    yes    yes   yes    -        yes
        """);

    /// <summary>What each sends, in the order in which they are sent. Nobody is halfway through signing in, so the code of an app opens nothing.</summary>
    private static readonly Dictionary<string, Func<Sender, Task<Form>>> Forms = new(StringComparer.Ordinal)
    {
        ["SignUpPage.SignUpAsync"] = _ => Of("/account/sign-up", "sign-up", ("Input.Handle", $"new_{Guid.NewGuid():N}"[..20]), ("Input.Password", Password)),
        ["InvitePage.AnswerAsync"] = async sender =>
        {
            var draft = await sender.World.DraftForAsync(sender.Kind);
            var invite = await sender.World.InviteAsync(draft);
            return new Form($"/invites/{draft}/{invite.InviteId}", "invite", [("Input.Act", "accept"), ("Input.Token", invite.Token!)]);
        },
        ["ProfilePage.KeepAsync"] = _ => Of("/account", "profile", ("Input.DisplayName", "Another name"), ("Input.Bio", "Another bio")),
        ["NoticesPage.KeepAsync"] = _ => Of("/account/notices", "notices", ("Input.DigestHour", "7")),
        ["WhereaboutsPage.KeepZoneAsync"] = _ => Of("/account/whereabouts", "zone", ("Zone.Name", "Europe/Vienna")),
        ["WhereaboutsPage.KeepAwayAsync"] = _ => Of("/account/whereabouts", "away", ("Away.LastDay", DateTime.UtcNow.AddDays(5).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))),
        ["SecurityPage.ChangeEmailAsync"] = sender => Of("/account/security", "email", ("Email.Address", sender.Address), ("Email.Password", Password)),
        ["ConfirmEmailPage.ConfirmAsync"] = async sender =>
            new Form($"/account/confirm-email?address={Uri.EscapeDataString(sender.Address)}&token={await sender.TokenAsync((users, user) => users.GenerateChangeEmailTokenAsync(user, sender.Address))}", "confirm-email", []),
        // Whoever is not signed in asks for the owner.
        ["ForgotPasswordPage.SendAsync"] = sender => Of("/account/forgot-password", "forgot-password", ("Input.Who", sender.World.HandleOf(sender.Kind == Kind.Anonymous ? Kind.Owner : sender.Kind))),
        ["SecurityPage.ChangePasswordAsync"] = _ => Of("/account/security", "password", ("Password.Present", Password), ("Password.Next", Next)),
        // Whoever has the link of somebody chooses for them.
        ["ChoosePasswordPage.ChooseAsync"] = async sender =>
        {
            var link = sender.Kind == Kind.Anonymous
                ? await sender.Site.LinkForAsync(await sender.Site.Services.HandleOfAsync(await sender.Site.Services.APersonAsync("Newcomer")))
                : $"/account/choose-password?handle={sender.World.HandleOf(sender.Kind)}&token={await sender.TokenAsync((users, user) => users.GeneratePasswordResetTokenAsync(user))}";
            return new Form(link, "choose-password", [("Input.Password", Password)]);
        },
        ["TwoFactorPage.StartAsync"] = _ => Of("/account/two-factor", "start"),
        ["TwoFactorPage.ConfirmAsync"] = async sender =>
        {
            var key = await sender.Site.Services.GetRequiredService<SecurityService>().FindTwoFactorKeyAsync(sender.World.IdOf(sender.Kind));
            return new Form("/account/two-factor", "confirm", [("Code.Digits", key is null ? "123456" : Authenticator.CodeFor(key)), ("Code.Password", Password)]);
        },
        ["TwoFactorPage.MakeCodesAsync"] = _ => Of("/account/two-factor", "codes", ("Sure.Password", Password)),
        ["TwoFactorPage.TurnOffAsync"] = _ => Of("/account/two-factor", "off", ("Off.Password", Password)),
        ["SecurityPage.SignOutEverywhereAsync"] = _ => Of("/account/security", "everywhere"),
        ["SignInCodePage.CheckAsync"] = _ => Of("/account/sign-in/code", "code", ("Input.Code", "123456")),
        ["DataPage.DeleteAsync"] = sender => Of("/account/data", "delete", ("Input.Handle", sender.Kind == Kind.Anonymous ? "nobody" : sender.World.HandleOf(sender.Kind)), ("Input.Password", Password)),
    };

    /// <summary>What forms may change, and of what else changes there by itself: tries are counted also when they are refused.</summary>
    private static readonly string[] Tables =
        ["users", "user_tokens", "user_passkeys", "access_tokens", "outbox_mails", "notice_settings", "drafts", "draft_collaborators", "invites", "invite_uses", "audit_log"];

    private static readonly string[] NotCompared = ["access_failed_count", "lockout_end"];

    /// <summary>A mail changes while it is sent, and the server looks by itself when something is due in a draft.</summary>
    private static readonly Dictionary<string, string[]> OnlyCompared = new(StringComparer.Ordinal) { ["outbox_mails"] = ["id"], ["drafts"] = ["id", "version"] };

    /// <summary>Of the mails, those that somebody asks for.</summary>
    private static readonly string[] MailsAskedFor = ["password_reset", "email_confirmation", "email_changed"];

    [Fact]
    public async Task Everybody_changes_by_every_form_what_the_table_says_and_without_its_token_nothing()
    {
        var world = await World.MakeAsync(site);
        var (expected, actual) = (new List<string>(), new List<string>());

        foreach (var (form, fill) in Forms)
        {
            var cells = new List<string>();
            foreach (var kind in Enum.GetValues<Kind>())
            {
                var filled = await fill(new Sender(site, world, kind));
                var before = await ReadAsync();
                var forged = await SendAsync(world.BrowserOf(kind), filled, withToken: false);
                Assert.True(forged is HttpStatusCode.BadRequest or HttpStatusCode.Redirect, $"{form} without its token answers {kind}: {forged}");
                Assert.Equal(before, await ReadAsync());

                await SendAsync(world.BrowserOf(kind), filled, withToken: true);
                cells.Add(await ReadAsync() == before ? "-" : "yes");
                if (form is "SignUpPage.SignUpAsync" or "ChoosePasswordPage.ChooseAsync")
                {
                    // Whoever does that is signed in by it: as somebody new, or for the first time.
                    await world.SignInAgainAsync(kind);
                }
            }
            actual.Add(Matrix.Line(form, cells));
            expected.Add(Matrix.Line(form, Enum.GetValues<Kind>().Select(kind => Who.Cell(form, kind))));
        }

        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
    }

    [Fact]
    public void Every_form_that_there_is_has_its_line_in_the_table()
    {
        var forms = Handlers.Find().Keys.Intersect(HandlerMatrixTests.OfForms.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(HandlerMatrixTests.OfForms.Keys.Order(StringComparer.Ordinal), forms);
        Assert.Equal(forms, Forms.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(forms, Who.Operations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_else_forms_post_to_takes_nothing_without_the_token_either()
    {
        var world = await World.MakeAsync(site);
        var addresses = (from endpoint in site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                         let pattern = $"/{endpoint.RoutePattern.RawText!.TrimStart('/')}"
                         where endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST", StringComparer.Ordinal) == true
                             && !pattern.StartsWith("/v1", StringComparison.Ordinal) && !pattern.StartsWith("/_", StringComparison.Ordinal)
                             // Programs of mail servers send this one, with a link that is sealed.
                             && pattern != "/unsubscribe"
                         select pattern).Distinct(StringComparer.Ordinal).ToList();
        Assert.True(addresses.Count >= 10, string.Join('\n', addresses));
        var taken = new List<string>();

        foreach (var address in addresses)
        {
            foreach (var kind in Enum.GetValues<Kind>())
            {
                var url = address.Replace("{handle}", "ben", StringComparison.Ordinal).Replace("{userId}", world.IdOf(Kind.Stranger), StringComparison.Ordinal).Replace("{act}", "disabled", StringComparison.Ordinal)
                    .Replace("{id:guid}", $"{await world.DraftForAsync(Kind.Stranger)}", StringComparison.Ordinal).Replace("{textId:guid}", $"{Guid.NewGuid()}", StringComparison.Ordinal);
                var before = await ReadAsync();
                var answer = await SendAsync(world.BrowserOf(kind), new Form(url, "", [("name", "A key"), ("handle", "ben"), ("returnUrl", "/")]), withToken: false);
                var isRefused = answer is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.NotFound || (answer == HttpStatusCode.Redirect && kind is Kind.Anonymous or Kind.Disabled);
                if (!isRefused || await ReadAsync() != before)
                {
                    taken.Add($"{address} from {kind}: {answer}");
                }
            }
        }

        Assert.True(taken.Count == 0, string.Join('\n', taken));
    }

    private static Task<Form> Of(string url, string handler, params (string Name, string Value)[] fields) => Task.FromResult(new Form(url, handler, fields));

    private static async Task<HttpStatusCode> SendAsync(Visitor browser, Form form, bool withToken)
    {
        var fields = form.Fields.Select(field => KeyValuePair.Create(field.Name, field.Value)).Append(new("_handler", form.Handler)).ToList();
        if (withToken)
        {
            // Any page of this browser has one.
            var page = await browser.OpenAsync("/account/sign-in");
            fields.Add(new("__RequestVerificationToken", page.Document.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!));
        }
        using var content = new FormUrlEncodedContent(fields);
        using var answer = await browser.Client.PostAsync(new Uri(form.Url, UriKind.Relative), content);
        return answer.StatusCode;
    }

    /// <summary>All rows of the tables, whoever they belong to.</summary>
    private async Task<string> ReadAsync()
    {
        await using var scope = site.Services.CreateAsyncScope();
        var db = (DbContext)scope.ServiceProvider.GetRequiredService(typeof(User).Assembly.GetType("OneRing.Data.Database.OneRingDbContext", throwOnError: true)!);
        await db.Database.OpenConnectionAsync();
        try
        {
            var rows = new List<string>();
            foreach (var table in Tables)
            {
                await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // A name of the list above.
                command.CommandText = $"select * from {table}";
#pragma warning restore CA2100
                await using var reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    if (table != "outbox_mails" || MailsAskedFor.Contains(reader.GetString(reader.GetOrdinal("kind")), StringComparer.Ordinal))
                    {
                        rows.Add($"{table}: {Row(reader, table)}");
                    }
                }
            }
            return string.Join('\n', rows.Order(StringComparer.Ordinal));
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static string Row(DbDataReader reader, string table) => string.Join(' ', Enumerable.Range(0, reader.FieldCount)
        .Where(column => OnlyCompared.TryGetValue(table, out var only) ? only.Contains(reader.GetName(column), StringComparer.Ordinal) : !NotCompared.Contains(reader.GetName(column), StringComparer.Ordinal))
        .Select(column => reader.GetValue(column) is byte[] bytes ? Convert.ToHexString(bytes) : $"{reader.GetValue(column)}"));

    /// <summary>What is posted.</summary>
    private sealed record Form(string Url, string Handler, IReadOnlyList<(string Name, string Value)> Fields);

    /// <summary>Who sends it, and where.</summary>
    private sealed record Sender(Site Site, World World, Kind Kind)
    {
        public string Address => $"{Kind.ToString().ToLowerInvariant()}.{World.IdOf(Kind)}@example.test";

        /// <summary>The token of a link for this person, as it stands in an address; one that is none for somebody without an account.</summary>
        public async Task<string> TokenAsync(Func<UserManager<User>, User, Task<string>> make)
        {
            await using var scope = Site.Services.CreateAsyncScope();
            var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
            var token = await users.FindByIdAsync(World.IdOf(Kind)) is { } user ? await make(users, user) : "none";
            return WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(token));
        }
    }
}
