using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Web.Components.Prerendering;

namespace OneRing.Web.Tests.Components.Prerendering;

public sealed class PrerenderedTests : BunitContext
{
    private static readonly RendererInfo Prerenderer = new("Static", isInteractive: false);
    private static readonly RendererInfo Circuit = new("Server", isInteractive: true);

    private readonly PrerenderedPages pages = new();
    private readonly BunitPersistentComponentState page;
    private int reads;

    public PrerenderedTests() => page = AddBunitPersistentComponentState();

    [Fact]
    public async Task What_a_page_was_prerendered_with_is_had_by_its_circuit_once()
    {
        await PrerenderAsync("draft 1", "account 2");

        var circuit = Open();
        Assert.Equal("draft 1, reading 1", await ReadAsync(circuit, Circuit, "draft 1"));
        Assert.Equal("account 2, reading 2", await ReadAsync(circuit, Circuit, "account 2"));
        Assert.Equal("draft 1, reading 3", await ReadAsync(circuit, Circuit, "draft 1"));
        Assert.Equal("draft 1, reading 4", await ReadAsync(circuit, Circuit, "draft 1"));
        Assert.Equal("draft 1, reading 5", await ReadAsync(Open(), Circuit, "draft 1"));
    }

    [Fact]
    public async Task What_it_was_not_prerendered_with_is_read()
    {
        await PrerenderAsync("draft 1");

        Assert.Equal("draft 2, reading 2", await ReadAsync(Open(), Circuit, "draft 2"));
    }

    [Fact]
    public async Task What_the_first_picture_did_not_take_is_read_afterwards()
    {
        await PrerenderAsync("draft 1", "account 2");
        var circuit = Open();
        Assert.Equal("draft 1, reading 1", await ReadAsync(circuit, Circuit, "draft 1"));

        circuit.Forget();

        Assert.Equal("account 2, reading 3", await ReadAsync(circuit, Circuit, "account 2"));
    }

    [Fact]
    public async Task Nobody_else_has_it()
    {
        await PrerenderAsync("draft 1");

        Assert.Equal("of Ben", await Open().ReadAsync(Circuit, "ben", "draft 1", () => Task.FromResult("of Ben")));
    }

    [Fact]
    public void Of_two_pages_that_somebody_opens_at_once_the_second_is_kept()
    {
        var first = pages.Leave("ana", new() { ["draft 1"] = "" });
        var second = pages.Leave("ana", new() { ["draft 2"] = "" });

        Assert.Empty(pages.Take("ana", first));
        Assert.Equal(["draft 2"], pages.Take("ana", second).Keys);
        Assert.Empty(pages.Take("ana", second));
    }

    [Fact]
    public async Task A_circuit_that_comes_to_another_server_reads_everything()
    {
        await PrerenderAsync("draft 1");

        using var others = new PrerenderedPages();
        Assert.Equal("draft 1, reading 2", await ReadAsync(new Prerendered(others, Services.GetRequiredService<PersistentComponentState>()), Circuit, "draft 1"));
    }

    [Fact]
    public async Task Nothing_is_had_by_a_circuit_whose_page_was_not_prerendered()
    {
        Assert.Equal("draft 1, reading 1", await ReadAsync(Open(), Circuit, "draft 1"));
    }

    [Fact]
    public async Task What_is_not_there_need_not_be_sought_again()
    {
        var prerendered = Open();
        Assert.Null(await prerendered.ReadAsync<string?>(Prerenderer, "ana", "person", () => Task.FromResult<string?>(null)));
        page.TriggerOnPersisting();

        Assert.Null(await Open().ReadAsync<string?>(Circuit, "ana", "person", () => throw new InvalidOperationException("It was read.")));
    }

    [Fact]
    public async Task What_could_not_be_read_is_read_by_the_circuit()
    {
        var prerendered = Open();
        await Assert.ThrowsAsync<TimeoutException>(() => prerendered.ReadAsync<string>(Prerenderer, "ana", "draft 1", () => throw new TimeoutException()));
        page.TriggerOnPersisting();

        Assert.Equal("draft 1, reading 1", await ReadAsync(Open(), Circuit, "draft 1"));
    }

    [Fact]
    public void No_more_pages_are_kept_than_said()
    {
        var tickets = Enumerable.Range(0, PrerenderedPages.Most + 100).Select(number => pages.Leave($"{number}", new() { ["number"] = number })).ToList();

        Assert.Equal(tickets.Count, tickets.Distinct(StringComparer.Ordinal).Count());
        Assert.InRange(tickets.Index().Count(left => pages.Take($"{left.Index}", left.Item).Count > 0), 1, PrerenderedPages.Most);
    }

    private async Task PrerenderAsync(params string[] whats)
    {
        var prerendered = Open();
        foreach (var what in whats)
        {
            await ReadAsync(prerendered, Prerenderer, what);
        }
        page.TriggerOnPersisting();
    }

    private Prerendered Open() => new(pages, Services.GetRequiredService<PersistentComponentState>());

    private Task<string> ReadAsync(Prerendered prerendered, RendererInfo renderer, string what) =>
        prerendered.ReadAsync(renderer, "ana", what, () => Task.FromResult($"{what}, reading {++reads}"));

    protected override void Dispose(bool disposing)
    {
        pages.Dispose();
        base.Dispose(disposing);
    }
}
