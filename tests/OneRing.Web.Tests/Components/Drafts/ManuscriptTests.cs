using Bunit;
using Microsoft.Extensions.Time.Testing;
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
    public async Task The_end_of_the_text_can_be_gone_to()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp");
        await Services.AppendAsync(draft.Id, draft.Ana, "went out.");

        var last = (await RenderAsync(draft)).Find($"#{Manuscript.EndId}[tabindex='-1']");

        Assert.StartsWith("went out.", last.TextOf(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_times_go_on_and_new_words_join_it()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp");
        var text = await RenderAsync(draft);

        Clock.Advance(TimeSpan.FromMinutes(5));
        text.Render();
        Assert.Equal(["The lamp Ana 5 minutes ago"], text.ItemsOf("Text"));

        await Services.AppendAsync(draft.Id, draft.Ana, "went out.");
        var now = await ReadAsync(draft);
        text.Render(p => p.Add(x => x.Draft, now));
        Assert.Equal(["The lamp Ana 5 minutes ago", "went out. Ana just now"], text.ItemsOf("Text"));
    }

    private async Task<IRenderedComponent<Manuscript>> RenderAsync(ADraft draft)
    {
        var view = await ReadAsync(draft);
        return Render<Manuscript>(p => p.Add(x => x.Draft, view).Add(x => x.UserId, draft.Ana));
    }
}
