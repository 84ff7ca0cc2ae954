using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Rings;
using OneRing.Web.Components.Layout;
using OneRing.Web.Components.Prerendering;

namespace OneRing.Web.Tests.Components.Layout;

public sealed class MainLayoutTests : OneRingContext
{
    // The layout has its own.
    protected override bool RendersProviders => false;

    [Fact]
    public async Task It_says_that_nothing_is_kept_in_memory()
    {
        var layout = await OpenAsync("Ana");

        Assert.Equal(
            "Kept in memory: everything here is gone when the server stops.",
            layout.FindByRole("complementary", "About this server").TextOf());
    }

    [Fact]
    public async Task What_its_page_was_prerendered_with_is_good_for_the_first_picture_only()
    {
        var anaId = await Services.APersonAsync("Ana");
        SignIn(anaId);
        var ticket = Get<PrerenderedPages>().Leave(anaId, new() { ["account"] = null, ["of another part"] = "prerendered" });
        Page.Persist("prerendered", ticket);

        var layout = Render<MainLayout>(p => p.Add(x => x.Body, Empty));

        Assert.Equal("Drafts", string.Join(',', layout.FindByRole("navigation", "Main").FindAllByRole("link").Select(link => link.TextOf())));
        var circuit = new RendererInfo("Server", isInteractive: true);
        Assert.Equal("read", await Get<Prerendered>().ReadAsync(circuit, anaId, "of another part", () => Task.FromResult("read")));
    }

    [Theory]
    [InlineData(true, "Drafts,Waiting,My insights,Analytics,Accounts")]
    [InlineData(false, "Drafts,Waiting,My insights")]
    public async Task Admins_find_the_analytics_and_nobody_else_does(bool isAdmin, string expected)
    {
        var layout = await OpenAsync("Ana", isAdmin);

        Assert.Equal(expected, string.Join(',', layout.FindByRole("navigation", "Main").FindAllByRole("link").Select(link => link.TextOf())));
    }

    [Fact]
    public async Task It_counts_what_waits_as_it_comes_and_goes()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        SignIn(draft.Ben);
        var layout = Render<MainLayout>(p => p.Add(x => x.Body, Empty));
        string Link() => layout.FindByRole("navigation", "Main").FindAllByRole("link").Single(link => link.GetAttribute("href") == "waiting").TextOf();
        layout.WaitForAssertion(() => Assert.Equal("Waiting", Link()));

        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        layout.WaitForAssertion(() => Assert.Contains("(1 for you)", Link(), StringComparison.Ordinal));

        await Services.PassAsync(draft.Id, draft.Ben, draft.Ana);
        layout.WaitForAssertion(() => Assert.Equal("Waiting", Link()));
    }

    [Fact]
    public async Task The_browser_is_told_what_is_new_also_if_no_more_waits_and_is_not_asked_for_the_rest()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        SignIn(draft.Ben);
        var script = JSInterop.SetupModule("./waiting.js");
        script.Setup<bool>("show", _ => true).SetResult(true);
        Render<MainLayout>(p => p.Add(x => x.Body, Empty));
        await HeardAsync("show");

        for (var i = 0; i < 5; i++)
        {
            await Services.AppendAsync(draft.Id, draft.Ben, "It rained.");
        }
        Given.Succeed(await Services.GetRequiredService<TurnService>().AskAsync(new AskForRing(draft.Ana, draft.Id)));

        await HeardAsync("tell");
        // What is new may be told while the page still says for the first time how much waits.
        await HeardAsync("show", times: 2);
        Assert.Equal([1, 1], script.Invocations["show"].Select(call => call.Arguments[0]));

        // Nothing is rendered for it.
        async Task HeardAsync(string what, int times = 1)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (script.Invocations[what].Count < times)
            {
                await Task.Delay(10, patience.Token);
            }
        }
    }

    [Fact]
    public async Task Whoever_is_signed_in_sees_their_name_and_the_way_out()
    {
        var layout = await OpenAsync("Ana");

        Assert.Contains("Ana", layout.Text(), StringComparison.Ordinal);
        Assert.True(layout.HasButton("Sign out"));
        Assert.Empty(layout.FindAllByRole("link", "Sign in"));
    }

    [Fact]
    public void Whoever_is_not_finds_the_way_in()
    {
        var layout = Render<MainLayout>(p => p.Add(x => x.Body, Empty));

        Assert.Equal("/account/sign-in", layout.FindByRole("link", "Sign in").GetAttribute("href"));
        Assert.False(layout.HasButton("Sign out"));
    }

    [Fact]
    public async Task A_page_that_stumbles_says_so_in_its_place_and_may_be_tried_again()
    {
        var stumbles = true;
        var layout = await OpenAsync("Ana", builder =>
        {
            if (stumbles)
            {
                throw new InvalidOperationException("secret details");
            }
            builder.AddContent(0, "All is well.");
        });

        Assert.StartsWith("This page stumbled", Assert.Single(layout.Announcements()), StringComparison.Ordinal);
        Assert.DoesNotContain("secret details", layout.Markup, StringComparison.Ordinal);
        Assert.True(layout.HasButton("Sign out"));

        stumbles = false;
        await ClickAsync(layout.FindButton("Try again"));

        Assert.Contains("All is well.", layout.Text(), StringComparison.Ordinal);
        Assert.Empty(layout.Announcements());
    }

    [Fact]
    public async Task The_first_thing_on_the_page_leads_past_the_bar()
    {
        Navigate("/drafts/new?from=here");

        var layout = await OpenAsync("Ana");

        Assert.Equal("drafts/new?from=here#page", layout.FindByRole("link", "Skip to the page").GetAttribute("href"));
    }

    private static readonly RenderFragment Empty = _ => { };

    private async Task<IRenderedComponent<MainLayout>> OpenAsync(string name, bool isAdmin = false) => await OpenAsync(name, Empty, isAdmin);

    private async Task<IRenderedComponent<MainLayout>> OpenAsync(string name, RenderFragment body, bool isAdmin = false)
    {
        SignIn(await Services.APersonAsync(name, isAdmin));
        return Render<MainLayout>(p => p.Add(x => x.Body, body));
    }
}
