using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;
using OneRing.Data.Sharing;
using OneRing.Tests.Accounts;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Browser.EveryPage;

/// <summary>Those at whose browsers pages are opened.</summary>
internal enum Reader
{
    /// <summary>Nobody has signed in.</summary>
    Anyone,

    /// <summary>Ada, an admin, who owns the draft and holds its ring.</summary>
    Owner,

    /// <summary>Ben, who writes in it, waits for the ring, and is setting two-factor sign-in up.</summary>
    Writer,

    /// <summary>Dan, who has given his password and is asked for his code.</summary>
    Halfway,
}

/// <summary>A site on which every page has something to show, and words and names that are longer than narrow windows are wide.</summary>
internal sealed class FilledSite : IAsyncDisposable
{
    private const string LongWord = "Wolfeschlegelsteinhausenbergerdorff";

    private readonly Dictionary<Reader, Person> readers = [];
    private readonly Dictionary<string, string> parts = new(StringComparer.Ordinal);
    private readonly Site site;
    private Guid draft;

    private FilledSite(Site site) => this.site = site;

    private Person Ada => readers[Reader.Owner];

    private Person Ben => readers[Reader.Writer];

    public static async Task<FilledSite> MakeAsync(Site site)
    {
        var filled = new FilledSite(site);
        filled.readers[Reader.Anyone] = await Person.ArriveAsync(site.Address);
        filled.readers[Reader.Owner] = await Person.SignedInAsync(site.Address, site.Services, "Ada", isAdmin: true);
        filled.readers[Reader.Writer] = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        await filled.WriteAsync();
        await filled.InviteAndShareAsync();
        await filled.FillTheAccountsAsync();
        await filled.StopHalfwayAsync();
        foreach (var person in filled.readers.Values)
        {
            await person.PrepareAsync(Examiner.Axe);
        }
        return filled;
    }

    /// <summary>The browser of one of them.</summary>
    public Person this[Reader reader] => readers[reader];

    /// <summary>An address with what stands in braces filled in, whether it comes from a route or from a table.</summary>
    public string Fill(string address) => parts.Aggregate(address, (filled, part) => filled.Replace($"{{{part.Key}}}", part.Value, StringComparison.Ordinal));

    /// <summary>Nothing went wrong in any browser that a reader would not see.</summary>
    public void AssertCalm() => Assert.Multiple([.. readers.Values.Select<Person, Action>(person => person.AssertCalm)]);

    public async ValueTask DisposeAsync()
    {
        foreach (var person in readers.Values)
        {
            await person.DisposeAsync();
        }
    }

    private T Get<T>()
        where T : notnull => site.Services.GetRequiredService<T>();

    private async Task WriteAsync()
    {
        draft = await ADraftAsync(Ada.Id, $"The lamp of {LongWord}");
        var max = await site.Services.APersonAsync($"Maximiliane {LongWord}");
        await site.Services.AddAsync(draft, Ada.Id, Ben.Id, Role.Writer);
        await site.Services.AddAsync(draft, Ada.Id, max, Role.Writer);
        await site.Services.AddAsync(draft, Ada.Id, await site.Services.APersonAsync("Cleo"), Role.Reader);
        Given.Succeed(await Get<AccountService>().ChangeProfileAsync(Ada.Id, "Ada", $"Keeps the lamp, and writes at https://example.org/{LongWord}/{LongWord}."));
        foreach (var text in (string[])["# Oil\n\nThe *lamp* stayed lit.", $"https://example.org/{LongWord}/{LongWord}", "שלום", "  “Who, then?”", "<b>She</b> knew.", "It went out."])
        {
            await site.Services.AppendAsync(draft, Ada.Id, text);
        }
        Given.Succeed(await Get<TurnService>().SetRulesAsync(new SetTurnRules(Ada.Id, draft, new TurnRules(LimitHours: 24, Strategy: Strategy.RoundRobin, RestDays: RestDays.Weekend))));
        foreach (var writer in (string[])[Ben.Id, max])
        {
            await site.Services.PassAsync(draft, Ada.Id, writer);
            Given.Succeed(await new TypedText(site.Services, draft, Ada.Id).SaveAsync($"Nobody had fed it, though every {LongWord}", park: true));
            await site.Services.AppendAsync(draft, writer, "And it burned again.");
            Given.Succeed(await Get<RingService>().PassAsync(new PassRing(writer, draft, Ada.Id, Given.NewKey(), Note: $"Mind the lamp, {LongWord}.")));
        }
        Given.Succeed(await Get<TurnService>().AskAsync(new AskForRing(Ben.Id, draft, "I know how it ends.")));

        // Ada waits for one of these; the other is over.
        var (waiting, over) = (await ADraftAsync(Ben.Id, "The coat"), await ADraftAsync(Ada.Id, "The rain"));
        await site.Services.AddAsync(waiting, Ben.Id, Ada.Id, Role.Writer);
        Given.Succeed(await Get<DraftService>().CompleteAsync(new CompleteDraft(Ada.Id, over)));
    }

    private async Task InviteAndShareAsync()
    {
        var link = Given.Succeed(await Get<InviteService>().CreateAsync(new CreateInvite(Ada.Id, draft, Role.Reader, MaxUses: 3)));
        var asked = await ADraftAsync(Ben.Id, $"{LongWord}s coat");
        Given.Succeed(await Get<InviteService>().CreateAsync(new CreateInvite(Ben.Id, asked, Role.Writer, Ada.Handle)));
        Given.Succeed(await Get<SharingService>().ShareAsync(new ShareDraft(Ada.Id, draft)));
        parts["DraftId:guid"] = $"{draft}";
        parts["InviteId:guid"] = $"{link.InviteId}";
        parts["Token"] = (await Get<SharingService>().FindAsync(Ada.Id, draft))!.Token!;
        parts["Handle"] = Ada.Handle;
        parts["unsubscribe"] = Uri.EscapeDataString(Get<IDataProtectionProvider>().CreateProtector("OneRing.Unsubscribe").Protect($"{Ben.Id} reminder"));
        parts["password"] = (await site.LinkForAsync(Ben.Handle)).Split('?')[1];
    }

    private async Task FillTheAccountsAsync()
    {
        foreach (var name in (string[])["A script", $"{LongWord}s clock"])
        {
            Given.Succeed(await Get<AccessTokenService>().CreateAsync(new NewAccessToken(Ada.Id, name)));
        }
        Given.Succeed(await Get<UserAdministration>().ActAsync(new UserAct(Ada.Id, await site.Services.APersonAsync("Eve"), Act.Disabled, "a test")));
        Given.Succeed(await Get<SecurityService>().StartTwoFactorAsync(Ben.Id));

        await using var scope = site.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var passkey = new UserPasskeyInfo([1], [1], DateTimeOffset.UtcNow, signCount: 0, transports: null, isUserVerified: true, isBackupEligible: false, isBackedUp: false, attestationObject: [1], clientDataJson: [1]) { Name = LongWord };
        Assert.True((await users.AddOrUpdatePasskeyAsync((await users.FindByIdAsync(Ada.Id))!, passkey)).Succeeded);
    }

    private async Task StopHalfwayAsync()
    {
        var id = await site.Services.APersonAsync("Dan", password: Person.Password);
        var key = Given.Succeed(await Get<SecurityService>().StartTwoFactorAsync(id));
        Given.Succeed(await Get<SecurityService>().ConfirmTwoFactorAsync(id, Authenticator.CodeFor(key), Person.Password));
        var dan = readers[Reader.Halfway] = await Person.ArriveAsync(site.Address);
        var page = await dan.OpenStaticAsync("/account/sign-in");
        await page.GetByLabel("Handle").FillAsync(await site.Services.HandleOfAsync(id));
        await page.GetByLabel("Password").FillAsync(Person.Password);
        await page.Button("Sign in").ClickAsync();
        await page.HasReachedAsync("/account/sign-in/code?returnUrl=%2F");
        await page.CloseAsync();
    }

    private async Task<Guid> ADraftAsync(string owner, string title) =>
        Given.Succeed(await Get<DraftService>().CreateAsync(new CreateDraft(owner, title, FirstSegment: "Once upon a time")));
}
