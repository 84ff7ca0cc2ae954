using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Rings;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class AdminEndpointsTests_InMemory(SiteInMemory site) : AdminEndpointsTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class AdminEndpointsTests_Postgres(SiteOnPostgres site) : AdminEndpointsTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>The pages on which admins look after accounts.</summary>
public abstract class AdminEndpointsTests(Site site)
{
    private AccountService Accounts => site.Services.GetRequiredService<AccountService>();

    [Fact]
    public async Task An_admin_finds_disables_and_enables_an_account_and_it_is_all_in_the_log()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        await site.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        var handle = await site.Services.HandleOfAsync(draft.Ben);
        var admin = await AnAdminAsync();

        var page = await admin.OpenAsync($"/admin/users?q={handle}");
        Assert.Equal([$"Disable: @{handle}", $"Make admin: @{handle}", $"Sign out everywhere: @{handle}"], page.Buttons.Where(name => name.Contains(handle, StringComparison.Ordinal)));
        page = await admin.FollowAsync(await admin.PressAsync(page, $"Disable: @{handle}"));
        Assert.Contains($"@{handle} is disabled", page.Text, StringComparison.Ordinal);
        Assert.Null(await Accounts.FindAsync(draft.Ben));
        var view = await site.Services.ReadAsync(draft.Id, draft.Ana);
        Assert.Equal((draft.Ana, Chosen.Returned), (view.HolderId, view.Passes[^1].Chosen));

        page = await admin.FollowAsync(await admin.PressAsync(page, $"Enable: @{handle}"));
        Assert.Contains($"@{handle} can sign in again.", page.Text, StringComparison.Ordinal);
        Assert.NotNull(await Accounts.FindAsync(draft.Ben));

        var log = await admin.OpenAsync("/admin/log");
        Assert.Contains($"enabled @{handle}.", log.Text, StringComparison.Ordinal);
        Assert.Contains($"disabled @{handle}.", log.Text, StringComparison.Ordinal);
        Assert.Matches("from (127\\.0\\.0\\.1|::1)", log.Text);
    }

    [Fact]
    public async Task An_admin_makes_and_unmakes_an_admin()
    {
        var ben = await site.Services.APersonAsync("Ben");
        var handle = await site.Services.HandleOfAsync(ben);
        var admin = await AnAdminAsync();

        var page = await admin.PressAsync(await admin.OpenAsync($"/admin/users?q={handle}"), $"Make admin: @{handle}");
        Assert.True((await Accounts.FindAsync(ben))!.IsAdmin);

        await admin.PressAsync(await admin.FollowAsync(page), $"Unmake admin: @{handle}");
        Assert.False((await Accounts.FindAsync(ben))!.IsAdmin);
    }

    [Fact]
    public async Task Nobody_else_sees_the_pages_or_acts()
    {
        var ben = await site.Services.APersonAsync("Ben");
        var visitor = await site.VisitAsync(ben);
        var stranger = site.Visit();

        foreach (var url in (string[])["/admin/users", "/admin/log"])
        {
            var page = await visitor.OpenAsync(url);
            Assert.Equal("This page is for admins", page.Heading);
            Assert.DoesNotContain("ben_", page.Document.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
            Assert.StartsWith("/account/sign-in", (await stranger.OpenAsync(url)).RedirectsTo, StringComparison.Ordinal);
        }

        // With a form of an admin's own page and a token of one's own, the service still says no.
        var home = await visitor.OpenAsync("/");
        var token = home.Document.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        foreach (var act in (string[])["disabled", "made_admin", "signed_out", "nonsense"])
        {
            using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token)]);
            using var answer = await visitor.Client.PostAsync($"/admin/users/{ben}/{act}", form);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            using var forged = await visitor.Client.PostAsync($"/admin/users/{ben}/{act}", content: null);
            Assert.NotEqual(HttpStatusCode.Redirect, forged.StatusCode);
        }
        Assert.False((await Accounts.FindAsync(ben))!.IsAdmin);
    }

    private async Task<Visitor> AnAdminAsync() => await site.VisitAsync(await site.Services.APersonAsync("Ada", isAdmin: true));
}
