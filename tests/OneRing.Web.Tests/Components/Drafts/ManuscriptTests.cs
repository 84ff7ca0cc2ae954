using Bunit;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Drafts;
using OneRing.Web.Components.Drafts;

namespace OneRing.Web.Tests.Components.Drafts;

public sealed class ManuscriptTests() : OneRingContext(new FakeTimeProvider(new DateTimeOffset(2027, 3, 1, 9, 0, 0, TimeSpan.Zero)))
{
    [Fact]
    public async Task Words_are_shown_as_they_were_written()
    {
        const string Text = "<b>“Fish & chips”</b>\n  it’s\u00a0\"1 < 2\" &amp; 🐟 ünïcode";
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, Text);

        var text = await RenderAsync(draft);

        Assert.Equal(Text, text.Find("li > p").TextContent);
        Assert.Empty(text.FindAll("b"));
    }

    [Fact]
    public async Task New_words_join_it_and_time_alone_changes_nothing()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp");
        var text = await RenderAsync(draft);

        Clock.Advance(TimeSpan.FromMinutes(5));
        text.Render();
        Assert.Equal(["The lamp Ana on 1 March 2027"], text.ItemsOf("Text"));

        await Services.AppendAsync(draft.Id, draft.Ana, "went out.");
        var now = await ReadAsync(draft);
        text.Render(p => p.Add(x => x.Draft, now));
        Assert.Equal(["The lamp Ana on 1 March 2027", "went out. Ana on 1 March 2027"], text.ItemsOf("Text"));
        Assert.Equal(["2027-03-01T09:00:00.0000000Z", "2027-03-01T09:05:00.0000000Z"], text.FindAll("time[data-ago]").Select(time => time.GetAttribute("datetime")));
    }

    [Fact]
    public async Task What_stands_before_a_long_text_is_shown_to_whoever_asks_and_stays()
    {
        var draft = await AWrittenDraftAsync(450);
        var text = Render<Manuscript>(p => p.Add(x => x.Draft, Latest(draft)).Add(x => x.UserId, draft.Cleo));
        AssertShown(text, first: 300, count: 150);
        Assert.Equal("300 segments stand before these. Show 150 of them", text.Find(".manuscript-earlier").TextOf());

        await text.Find(".manuscript-earlier button").ClickAsync();
        AssertShown(text, first: 150, count: 300);
        Assert.Equal("150 segments stand before these. Show them", text.Find(".manuscript-earlier").TextOf());

        // The end of the text begins later now, and nothing goes from the page.
        await AppendAsync(draft, 450, 520);
        text.Render(p => p.Add(x => x.Draft, Latest(draft)));
        AssertShown(text, first: 150, count: 370);

        await text.Find(".manuscript-earlier button").ClickAsync();
        AssertShown(text, first: 0, count: 520);
        Assert.Empty(text.FindAll(".manuscript-earlier"));

        // More than an end has come while nobody could look: what is between is asked for again.
        await AppendAsync(draft, 520, 720);
        text.Render(p => p.Add(x => x.Draft, Latest(draft)));
        AssertShown(text, first: 600, count: 120);
        Assert.Equal("600 segments stand before these. Show 120 of them", text.Find(".manuscript-earlier").TextOf());
    }

    [Fact]
    public async Task Another_draft_begins_with_its_own_text()
    {
        var (one, other) = (await AWrittenDraftAsync(250), await AWrittenDraftAsync(210));
        var text = Render<Manuscript>(p => p.Add(x => x.Draft, Latest(one)).Add(x => x.UserId, one.Ana));
        await text.Find(".manuscript-earlier button").ClickAsync();
        AssertShown(text, first: 0, count: 250);

        text.Render(p => p.Add(x => x.Draft, Latest(other)).Add(x => x.UserId, other.Ana));

        AssertShown(text, first: 100, count: 110);
    }

    [Fact]
    public async Task What_cannot_be_read_is_said_and_can_be_asked_for_again()
    {
        var draft = await AWrittenDraftAsync(250);
        var text = Render<Manuscript>(p => p.Add(x => x.Draft, Latest(draft)).Add(x => x.UserId, draft.Ana));
        Outage.IsAway = true;
        await text.Find(".manuscript-earlier button").ClickAsync();
        Outage.IsAway = false;

        Assert.Equal("What stands before could not be read just now. Try again in a moment.", text.Find("[role=alert]").TextOf());
        AssertShown(text, first: 100, count: 150);

        await text.Find(".manuscript-earlier button").ClickAsync();

        AssertShown(text, first: 0, count: 250);
        Assert.Empty(text.FindAll("[role=alert]"));
    }

    private static void AssertShown(IRenderedComponent<Manuscript> text, int first, int count)
    {
        Assert.Equal(Enumerable.Range(first, count).Select(i => $"Line {i}"), text.FindAll(".manuscript > li > .segment-text").Select(p => p.TextContent));
        Assert.Equal($"{first + 1}", text.Find(".manuscript").GetAttribute("start"));
        Assert.StartsWith($"Line {first + count - 1}", text.Find($"#segment-{first + count}").TextOf(), StringComparison.Ordinal);
    }

    private async Task<ADraft> AWrittenDraftAsync(int count)
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await AppendAsync(draft, 0, count);
        return draft;
    }

    private async Task AppendAsync(ADraft draft, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            await Services.AppendAsync(draft.Id, draft.Ana, $"Line {i}");
        }
    }

    private DraftView Latest(ADraft draft) => Get<DraftService>().FindAsync(draft.Id, draft.Ana).GetAwaiter().GetResult()!;

    private async Task<IRenderedComponent<Manuscript>> RenderAsync(ADraft draft)
    {
        var view = await ReadAsync(draft);
        return Render<Manuscript>(p => p.Add(x => x.Draft, view).Add(x => x.UserId, draft.Ana));
    }
}
