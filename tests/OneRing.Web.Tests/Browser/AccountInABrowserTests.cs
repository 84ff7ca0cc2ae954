using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Tests.Accounts;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

[Trait("Category", "Browser")]
public sealed class AccountInABrowserTests_InMemory(SiteInMemory site) : AccountInABrowserTests(site), IClassFixture<SiteInMemory>;

[Trait("Category", "Browser")]
[Trait("Database", "PostgreSQL")]
public sealed class AccountInABrowserTests_Postgres(SiteOnPostgres site) : AccountInABrowserTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>Passkeys with an authenticator that the browser simulates, and sessions that end while a page is open.</summary>
public abstract class AccountInABrowserTests(Site site)
{
    private const string Ended = "You were signed out here: the password was changed, or you were signed out everywhere. What was saved is safe. Sign in to go on.";

    /// <summary>Passkeys belong to a name; an address of numbers has none.</summary>
    private Uri Named => new UriBuilder(site.Address) { Host = "localhost" }.Uri;

    [SkippableFact]
    public async Task A_passkey_is_added_named_used_without_a_handle_and_removed()
    {
        await using var ana = await Person.SignedInAsync(Named, site.Services, "Ana");
        var page = await ana.OpenStaticAsync("/account/security");
        await AddAuthenticatorAsync(page);

        await AskForPasskeyAsync(page, "My laptop", "not my password");
        await Expect(page.GetByText("This is not your present password")).ToBeVisibleAsync();
        Assert.Empty((await SecurityOf(ana)).Passkeys);
        await AddPasskeyAsync(page, "My laptop");
        Assert.Single((await SecurityOf(ana)).Passkeys, passkey => passkey.Name == "My laptop");
        await page.GetByLabel("Name of the passkey My laptop").FillAsync("The blue laptop");
        await page.Button("Rename My laptop").ClickAsync();
        await Expect(page.GetByLabel("Name of the passkey The blue laptop")).ToBeVisibleAsync();
        await page.GetByLabel("Name of the passkey The blue laptop").FillAsync(" ");
        await page.Button("Rename The blue laptop").ClickAsync();
        await Expect(Passkey(page).GetByRole(AriaRole.Alert)).ToHaveTextAsync(RefusalText.For(Refusal.PasskeyNameInvalid));

        await SignOutAsync(page);
        await SignInWithPasskeyAsync(page);
        await Expect(page.Button("Sign out")).ToBeVisibleAsync();
        await Expect(page.Link("Ana")).ToBeVisibleAsync();

        await page.GotoAsync("/account/security");
        await page.GetByText("Remove…").ClickAsync();
        await RemovePasskeyAsync(page, "The blue laptop", "not my password");
        // Said where it was typed, and in sight; what was opened for it is still open.
        await Expect(Passkey(page).GetByRole(AriaRole.Alert)).ToHaveTextAsync(RefusalText.For(Refusal.PasswordWrong));
        await Expect(Passkey(page).GetByRole(AriaRole.Alert)).ToBeInViewportAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "password" })).ToHaveCountAsync(1);
        Assert.Single((await SecurityOf(ana)).Passkeys);
        await RemovePasskeyAsync(page, "The blue laptop", Person.Password);
        await Expect(page.GetByText("The passkey no longer opens this account.")).ToBeVisibleAsync();
        Assert.Empty((await SecurityOf(ana)).Passkeys);
        await SignOutAsync(page);
        await SignInWithPasskeyAsync(page);
        await Expect(page.GetByText("This passkey is not known here.")).ToBeVisibleAsync();
        // What the browser says by itself of the wrong password.
        ana.AssertCalmBut(["the server responded with a status of 409 (Conflict)"]);
    }

    [SkippableFact]
    public async Task A_passkey_stands_for_both_factors_and_each_device_has_its_own()
    {
        await using var ana = await Person.SignedInAsync(Named, site.Services, "Ana");
        var security = site.Services.GetRequiredService<SecurityService>();
        var key = Given.Succeed(await security.StartTwoFactorAsync(ana.Id));
        var page = await ana.OpenStaticAsync("/account/security");
        var cdp = await AddAuthenticatorAsync(page);
        await AddPasskeyAsync(page, "Phone");
        await RemoveAuthenticatorAsync(cdp.Session, cdp.Id);
        await AddAuthenticatorAsync(page, cdp.Session);
        await AddPasskeyAsync(page, "Laptop");
        Assert.Equal(["Phone", "Laptop"], (await SecurityOf(ana)).Passkeys.Select(passkey => passkey.Name));
        Given.Succeed(await security.ConfirmTwoFactorAsync(ana.Id, Authenticator.CodeFor(key), Person.Password));
        // This has ended the session, within a second; a page that was opened in that second is a form of somebody who is signed in.
        await page.Context.ClearCookiesAsync();

        await page.GotoAsync("/account/sign-in");
        await SignInWithPasskeyAsync(page);

        await Expect(page.Button("Sign out")).ToBeVisibleAsync();
        await Expect(page.Heading("Drafts")).ToBeVisibleAsync();
    }

    [SkippableFact]
    public async Task A_new_password_ends_the_pages_of_other_browsers_and_this_browser_stays()
    {
        await using var here = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await using var elsewhere = await Person.AgainAsync(site.Address, here);
        var otherTab = await here.OpenAsync("/drafts/new");
        var otherPage = await elsewhere.OpenAsync("/drafts/new");
        var page = await here.OpenStaticAsync("/account/security");

        await page.GetByLabel("Present password").FillAsync(Person.Password);
        await page.GetByLabel("New password").FillAsync("an old coat in the rain");
        await page.Button("Change the password").ClickAsync();

        await Expect(otherPage.Saying(Ended)).ToBeVisibleAsync();
        await Expect(otherPage.Heading("Sign in")).ToBeVisibleAsync();
        await Expect(page.GetByText("Your password is changed.")).ToBeVisibleAsync();
        // This browser's other page comes back with the new session. One that was quicker than the answer which brings that session does so when it is loaded again.
        try
        {
            await Expect(otherTab).ToHaveURLAsync("/drafts/new", new() { Timeout = 10_000 });
        }
        catch (PlaywrightException)
        {
            await otherTab.ReloadAsync();
            await otherTab.HasReachedAsync("/drafts/new");
        }
        await Expect(otherTab.Heading("New draft")).ToBeVisibleAsync();
        await Expect(otherTab.Button("Sign out")).ToBeVisibleAsync();
    }

    [SkippableFact]
    public async Task A_disabled_persons_open_page_ends_within_ten_seconds()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var page = await ana.OpenAsync("/");

        Given.Succeed(await site.Services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, ana.Id, Act.Disabled, "a test")));

        await Expect(page.Saying(Ended)).ToBeVisibleAsync();
        await Expect(page.Button("Sign out")).ToHaveCountAsync(0);
    }

    [SkippableFact]
    public async Task A_page_that_is_slow_to_leave_still_says_that_its_session_has_ended()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        var page = await ana.OpenAsync("/");
        var asked = 0;
        await page.RouteAsync(url => url.Contains("/account/sign-in", StringComparison.Ordinal), route => Interlocked.Increment(ref asked) == 1 ? Task.CompletedTask : route.ContinueAsync());

        Given.Succeed(await site.Services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, ana.Id, Act.Disabled, "a test")));

        await Expect(page.Saying(Ended)).ToBeVisibleAsync();
        Assert.Equal(2, asked);
    }

    [SkippableFact]
    public async Task An_account_is_deleted_while_its_pages_are_open_and_it_holds_a_ring()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var drafts = site.Services.GetRequiredService<DraftService>();
        var draftId = Given.Succeed(await drafts.CreateAsync(new CreateDraft(ana.Id, "The lamp")));
        await site.Services.AddAsync(draftId, ana.Id, ben.Id, Role.Writer);
        await site.Services.PassAsync(draftId, ana.Id, ben.Id);
        await site.Services.AppendAsync(draftId, ben.Id, "Nobody had fed it.");
        var anas = await ana.OpenAsync($"/drafts/{draftId}");
        var bens = await ben.OpenAsync($"/drafts/{draftId}");
        await Expect(bens.Saying("You hold the ring.")).ToBeVisibleAsync();

        var data = await ben.OpenStaticAsync("/account/data");
        await data.GetByLabel("Your handle, to be sure").FillAsync(ben.Handle);
        await data.GetByLabel("Your password").FillAsync(Person.Password);
        await data.Button("Delete my account").ClickAsync();

        await Expect(data.Heading("Your account is deleted")).ToBeVisibleAsync();
        await Expect(anas.Saying("You hold the ring.")).ToBeVisibleAsync();
        await Expect(anas.GetByText("a former writer").First).ToBeVisibleAsync();
        await Expect(bens.Heading("Sign in")).ToBeVisibleAsync();
        await anas.AppendAsync("It went on.");
        await Expect(anas.Segments()).ToHaveTextAsync(["Nobody had fed it.", "It went on."]);
        ana.AssertCalm();
    }

    private static async Task AddPasskeyAsync(IPage page, string name)
    {
        await AskForPasskeyAsync(page, name, Person.Password);
        await Expect(page.GetByLabel($"Name of the passkey {name}")).ToBeVisibleAsync();
    }

    private static async Task AskForPasskeyAsync(IPage page, string name, string password)
    {
        await page.GetByLabel("Name for a new passkey").FillAsync(name);
        await page.GetByLabel("Your password, to add a passkey").FillAsync(password);
        await page.Button("Add a passkey").ClickAsync();
    }

    private static async Task RemovePasskeyAsync(IPage page, string name, string password)
    {
        await page.GetByLabel($"Your password, to remove {name}").FillAsync(password);
        await page.Button($"Remove {name}").ClickAsync();
    }

    private static ILocator Passkey(IPage page) =>
        page.GetByRole(AriaRole.List, new() { Name = "Passkeys", Exact = true }).GetByRole(AriaRole.Listitem);

    private static async Task SignInWithPasskeyAsync(IPage page)
    {
        await page.GotoAsync("/account/sign-in");
        await page.Button("Sign in with a passkey").ClickAsync();
    }

    private static async Task SignOutAsync(IPage page)
    {
        await page.Button("Sign out").ClickAsync();
        await Expect(page.Link("Sign in").First).ToBeVisibleAsync();
    }

    private static async Task<(ICDPSession Session, string Id)> AddAuthenticatorAsync(IPage page, ICDPSession? session = null)
    {
        if (session is null)
        {
            session = await page.Context.NewCDPSessionAsync(page);
            await session.SendAsync("WebAuthn.enable");
        }
        var added = await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        return (session, added!.Value.GetProperty("authenticatorId").GetString()!);
    }

    private static Task<System.Text.Json.JsonElement?> RemoveAuthenticatorAsync(ICDPSession session, string id) =>
        session.SendAsync("WebAuthn.removeVirtualAuthenticator", new Dictionary<string, object> { ["authenticatorId"] = id });

    private async Task<SecurityView> SecurityOf(Person person) => (await site.Services.GetRequiredService<SecurityService>().FindAsync(person.Id))!;
}
