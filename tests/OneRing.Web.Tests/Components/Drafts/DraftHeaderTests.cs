using AngleSharp.Dom;
using Bunit;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Web.Components.Drafts;

namespace OneRing.Web.Tests.Components.Drafts;

public sealed class DraftHeaderTests : OneRingContext
{
    [Fact]
    public async Task The_owner_renames_the_draft()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var header = await RenderAsync(draft, draft.Ana);

        await ClickAsync(header.FindButton("Rename"));
        await header.FindField("Title").InputAsync("  The lamp  ");
        await header.FindByRole("form", "Rename").SubmitAsync();

        Assert.Equal("The lamp", (await ReadAsync(draft)).Title);
        Assert.Empty(header.FindAllByRole("form"));
    }

    [Fact]
    public async Task A_title_that_cannot_be_kept_stays_to_be_corrected()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "As it was");
        var header = await RenderAsync(draft, draft.Ana);

        await ClickAsync(header.FindButton("Rename"));
        await header.FindField("Title").InputAsync("   ");
        await header.FindByRole("form", "Rename").SubmitAsync();

        Assert.Equal([RefusalText.For(Refusal.TitleInvalid)], header.Announcements());
        Assert.Single(header.FindAllByRole("form", "Rename"));
        Assert.Equal("As it was", (await ReadAsync(draft)).Title);
    }

    [Fact]
    public async Task Renaming_can_be_dropped()
    {
        var draft = await Services.ADraftHeldByAnaAsync(title: "As it was");
        var header = await RenderAsync(draft, draft.Ana);

        await ClickAsync(header.FindButton("Rename"));
        await header.FindField("Title").InputAsync("Something else");
        await ClickAsync(header.FindButton("Cancel"));

        Assert.Equal("As it was", header.FindByRole("heading").TextOf());
        Assert.Equal("As it was", (await ReadAsync(draft)).Title);
    }

    [Fact]
    public async Task The_owner_pauses_the_writing_and_lets_it_go_on()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        await ClickAsync((await RenderAsync(draft, draft.Ana)).FindButton("Lock"));
        Assert.Equal(DraftStatus.Locked, (await ReadAsync(draft)).Status);

        var locked = await RenderAsync(draft, draft.Ana);
        Assert.Contains("Writing is paused. Nothing is lost; unlock the draft to go on.", locked.Text(), StringComparison.Ordinal);
        await ClickAsync(locked.FindButton("Unlock"));
        Assert.Equal(DraftStatus.Active, (await ReadAsync(draft)).Status);
    }

    [Fact]
    public async Task A_draft_is_finished_after_being_asked()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var header = await RenderAsync(draft, draft.Ana);

        var completing = ClickAsync(header.FindButton("Complete"));
        await AnswerAsync("Complete");
        await completing;

        Assert.Equal(DraftStatus.Completed, (await ReadAsync(draft)).Status);
    }

    [Fact]
    public async Task No_draft_is_finished_by_mistake()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var header = await RenderAsync(draft, draft.Ana);

        var completing = ClickAsync(header.FindButton("Complete"));
        await AnswerAsync("Cancel");
        await completing;

        Assert.Equal(DraftStatus.Active, (await ReadAsync(draft)).Status);
    }

    [Theory]
    [InlineData("Ana", DraftStatus.Active, "Rename,Lock,Complete")]
    [InlineData("Ana", DraftStatus.Locked, "Rename,Unlock")]
    [InlineData("Ana", DraftStatus.Completed, "Rename")]
    [InlineData("Ben", DraftStatus.Active, "Lock")]
    [InlineData("Ben", DraftStatus.Locked, "")]
    [InlineData("Ben", DraftStatus.Completed, "")]
    [InlineData("Cleo", DraftStatus.Active, "")]
    [InlineData("Cleo", DraftStatus.Locked, "")]
    public async Task Everybody_sees_what_their_role_allows(string who, DraftStatus status, string expected)
    {
        // Ben holds the ring here, Ana owns the draft, and Cleo reads along.
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await BringToAsync(draft, status);

        var header = await RenderAsync(draft, who switch { "Ana" => draft.Ana, "Ben" => draft.Ben, _ => draft.Cleo });

        // Everybody may take the text along.
        Assert.Equal($"Export this draft,{expected}".TrimEnd(','), string.Join(',', header.FindAllByRole("button").Select(button => button.NameOf())));
    }

    [Fact]
    public async Task A_writer_without_the_ring_may_do_nothing_to_the_draft_as_a_whole()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        Assert.Equal("Export this draft", Assert.Single((await RenderAsync(draft, draft.Ben)).FindAllByRole("button")).NameOf());
    }

    [Fact]
    public async Task A_fault_is_told_in_its_place()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        var header = await RenderAsync(draft, draft.Ana);

        Outage.IsAway = true;
        await ClickAsync(header.FindButton("Lock"));

        Assert.StartsWith("The server could not save this.", Assert.Single(header.Announcements()), StringComparison.Ordinal);
        Assert.Equal("A draft", header.FindByRole("heading").TextOf());
    }

    private async Task BringToAsync(ADraft draft, DraftStatus status)
    {
        var drafts = Get<DraftService>();
        if (status != DraftStatus.Active)
        {
            Given.Succeed(status == DraftStatus.Locked
                ? await drafts.LockAsync(new LockDraft(draft.Ana, draft.Id))
                : await drafts.CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)));
        }
    }

    private async Task<IRenderedComponent<DraftHeader>> RenderAsync(ADraft draft, string userId)
    {
        var view = await Services.ReadAsync(draft.Id, userId);
        return Render<DraftHeader>(p => p.Add(x => x.Draft, view.Head).Add(x => x.UserId, userId));
    }
}
