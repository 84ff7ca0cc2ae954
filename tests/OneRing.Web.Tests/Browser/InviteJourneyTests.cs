using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OneRing.Data.Drafts;
using OneRing.Web.Tests.Servers;
using static Microsoft.Playwright.Assertions;

namespace OneRing.Web.Tests.Browser;

[Trait("Category", "Browser")]
public sealed class InviteJourneyTests_InMemory(SiteInMemory site) : InviteJourneyTests(site), IClassFixture<SiteInMemory>;

[Trait("Category", "Browser")]
[Trait("Database", "PostgreSQL")]
public sealed class InviteJourneyTests_Postgres(SiteOnPostgres site) : InviteJourneyTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>From a link that somebody was sent to the draft behind it.</summary>
public abstract class InviteJourneyTests(Site site)
{
    [SkippableFact]
    public async Task A_link_leads_somebody_new_through_sign_up_straight_into_the_draft()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await using var dan = await Person.ArriveAsync(site.Address);
        var draftId = Given.Succeed(await site.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ana.Id, "The lamp")));
        var anas = await ana.OpenAsync($"/drafts/{draftId}");
        await anas.Button("With a link").ClickAsync();
        await anas.Button("Make the link").ClickAsync();
        var link = await anas.GetByLabel("Your invite link.").InputValueAsync();
        Assert.StartsWith($"{site.Address}invites/{draftId}/", link, StringComparison.Ordinal);

        var dans = await dan.OpenStaticAsync(link);
        await Expect(dans.Heading("The lamp")).ToBeVisibleAsync();
        await Expect(dans.GetByText("Ana invites you to write this text together")).ToBeVisibleAsync();
        Assert.DoesNotContain("#", dans.Url, StringComparison.Ordinal);
        await dans.Link("Make an account and join").ClickAsync();
        await dans.GetByLabel("Handle").FillAsync($"dan_{Guid.NewGuid():N}"[..20]);
        await dans.GetByLabel("Password").FillAsync("a lamp that would not sleep");
        await dans.Button("Make my account").ClickAsync();

        await dans.HasReachedAsync($"/drafts/{draftId}?welcome=true");
        await Expect(dans.GetByText("Welcome. Ana holds the ring.")).ToBeVisibleAsync();
        Assert.Equal(2, (await site.Services.ReadAsync(draftId, ana.Id)).Collaborators.Count);
        await Expect(anas.GetByLabel("Invites so far").GetByText("accepted")).ToBeVisibleAsync();
        ana.AssertCalm();
        dan.AssertCalm();
    }

    [SkippableFact]
    public async Task An_invite_by_handle_shows_itself_at_once_and_is_accepted_with_one_click()
    {
        await using var ana = await Person.SignedInAsync(site.Address, site.Services, "Ana");
        await using var ben = await Person.SignedInAsync(site.Address, site.Services, "Ben");
        var draftId = Given.Succeed(await site.Services.GetRequiredService<DraftService>().CreateAsync(new CreateDraft(ana.Id, "The lamp")));
        var bens = await ben.OpenAsync("/");
        var anas = await ana.OpenAsync($"/drafts/{draftId}");

        await anas.GetByLabel("Invite by handle").And(anas.GetByRole(AriaRole.Textbox)).FillAsync(ben.Handle);
        await anas.Button("Invite").ClickAsync();
        await bens.GetByRole(AriaRole.Link, new() { Name = "Waiting" }).ClickAsync();
        await bens.Button("Accept The lamp").ClickAsync();

        await Expect(bens.GetByText("Welcome. Ana holds the ring.")).ToBeVisibleAsync();
        await Expect(bens.GetByRole(AriaRole.Link, new() { Name = "Invites" })).ToHaveCountAsync(0);
        ana.AssertCalm();
        ben.AssertCalm();
    }

    [SkippableFact]
    public async Task A_link_with_a_wrong_secret_leads_nowhere_and_says_so_calmly()
    {
        await using var dan = await Person.ArriveAsync(site.Address);

        var page = await dan.OpenStaticAsync($"/invites/{Guid.CreateVersion7()}/{Guid.CreateVersion7()}#AAAA");
        await Expect(page.Heading("This link leads to no invite")).ToBeVisibleAsync();
        var without = await dan.OpenStaticAsync($"/invites/{Guid.CreateVersion7()}/{Guid.CreateVersion7()}");
        await Expect(without.Heading("This link leads to no invite")).ToBeVisibleAsync();

        dan.AssertCalm();
    }
}
