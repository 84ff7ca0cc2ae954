using Bunit;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;
using OneRing.Web.Components.Analytics;

namespace OneRing.Web.Tests.Components.Analytics;

public sealed class DraftAdviceTests() : OneRingContext(new FakeTimeProvider(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero)))
{
    private const string Invite = "Invite somebody";

    [Fact]
    public async Task Of_a_draft_without_a_word_it_says_that_the_page_is_open()
    {
        var draft = await Services.ADraftHeldByAnaAsync();

        var advice = await RenderAsync(draft, draft.Ana);

        Assert.Equal("How it goes The page is open. Whoever holds the ring can write the first words.", advice.Text());
        Assert.Empty(advice.FindAllByRole("button"));
    }

    [Fact]
    public async Task The_holder_passes_the_ring_to_the_person_named()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        var advice = await RenderAsync(draft, draft.Ana);
        Assert.Contains("The ring could go to Ben. Ben has not written here yet.", advice.Text(), StringComparison.Ordinal);

        await ClickAsync(advice.FindButton("Pass to Ben"));

        var pass = Assert.Single((await ReadAsync(draft)).Passes);
        Assert.Equal((draft.Ana, draft.Ben, Chosen.Manual), (pass.FromId, pass.ToId, pass.Chosen));
        Assert.Empty(advice.Announcements());
    }

    [Fact]
    public async Task Nobody_else_finds_that_button_but_they_read_who_has_it()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");

        foreach (var userId in (string[])[draft.Ben, draft.Cleo])
        {
            var advice = await RenderAsync(draft, userId);

            Assert.Contains("The ring could go to Ben.", advice.Text(), StringComparison.Ordinal);
            Assert.Contains("Ana holds the ring and can pass it on.", advice.Text(), StringComparison.Ordinal);
            Assert.Empty(advice.FindAllByRole("button"));
        }
    }

    [Fact]
    public async Task A_ring_that_has_gone_on_meanwhile_stays_where_it_is()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        var advice = await RenderAsync(draft, draft.Ana);
        await Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await Services.PassAsync(draft.Id, draft.Ben, draft.Ana);

        await ClickAsync(advice.FindButton("Pass to Ben"));

        Assert.Equal([RefusalText.For(Refusal.StaleTurn)], advice.Announcements());
        Assert.Equal((draft.Ana, 3), (await ReadAsync(draft)) is var after ? (after.HolderId, after.Turn) : default);
    }

    [Fact]
    public async Task A_pass_whose_answer_was_lost_is_tried_again_and_happens_once()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        var advice = await RenderAsync(draft, draft.Ana);

        Outage.LosesTheNextAnswer = true;
        await ClickAsync(advice.FindButton("Pass to Ben"));
        Assert.StartsWith("The server could not save this.", Assert.Single(advice.Announcements()), StringComparison.Ordinal);
        await ClickAsync(advice.FindButton("Pass to Ben"));

        Assert.Empty(advice.Announcements());
        Assert.Single((await ReadAsync(draft)).Passes);
    }

    [Fact]
    public async Task Where_nobody_else_can_write_the_owner_invites_in_its_place()
    {
        var draft = await AnaAloneAsync();
        var advice = await RenderAsync(draft, draft.Ana);
        Assert.Contains("Nobody else can take the ring yet.", advice.Text(), StringComparison.Ordinal);
        Assert.Equal("false", advice.FindButton(Invite).GetAttribute("aria-expanded"));

        await ClickAsync(advice.FindButton(Invite));
        Assert.Equal("true", advice.FindButton(Invite).GetAttribute("aria-expanded"));
        await advice.FindField("Invite by handle").InputAsync(await Services.HandleOfAsync(draft.Dan));
        await advice.FindByRole("form", "Invite by handle").SubmitAsync();

        Assert.Equal(draft.Id, Assert.Single(await Get<InviteService>().ListForAsync(draft.Dan)).DraftId);
        await ClickAsync(advice.FindButton(Invite));
        Assert.Empty(advice.FindAllByRole("form"));
    }

    [Fact]
    public async Task A_reader_reads_who_can_invite()
    {
        var draft = await AnaAloneAsync();

        var advice = await RenderAsync(draft, draft.Cleo);

        Assert.Contains("The draft's owner and whoever holds its ring can invite.", advice.Text(), StringComparison.Ordinal);
        Assert.Empty(advice.FindAllByRole("button"));
    }

    [Fact]
    public async Task What_is_worth_knowing_is_said_once_and_since_when()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        for (var i = 0; i < 5; i++)
        {
            await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        }
        Clock.Advance(TimeSpan.FromDays(4));

        var advice = await RenderAsync(draft, draft.Cleo);

        Assert.StartsWith(
            "How it goes Nothing has happened here for 4 days. One sentence is enough to get it going again. Ana has held", advice.Text(), StringComparison.Ordinal);
        Assert.Equal(
            ["Ana has held the ring for 4 days. Since 10 March 2026.", "All 5 segments so far are by Ana. Since 10 March 2026."],
            advice.ItemsOf("Worth knowing"));
    }

    [Theory]
    [InlineData("lock", "Writing is paused. Nothing waits for anybody.")]
    [InlineData("complete", "The text is finished. This is how it came about.")]
    [InlineData("archive", "The draft is put away. Nothing waits for anybody.")]
    public async Task Of_a_draft_that_rests_there_is_nothing_to_advise(string act, string words)
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        var drafts = Get<DraftService>();
        Given.Succeed(act switch
        {
            "lock" => await drafts.LockAsync(new LockDraft(draft.Ana, draft.Id)),
            "complete" => await drafts.CompleteAsync(new CompleteDraft(draft.Ana, draft.Id)),
            _ => await drafts.ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id)),
        });

        var advice = await RenderAsync(draft, draft.Ana);

        Assert.Equal($"How it goes {words}", advice.Text());
        Assert.Empty(advice.FindAllByRole("button"));
    }

    /// <summary>Ana has written something, and nobody else can; Cleo reads.</summary>
    private async Task<ADraft> AnaAloneAsync()
    {
        var draft = await Services.ADraftHeldByAnaAsync();
        Given.Succeed(await Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));
        await Services.AppendAsync(draft.Id, draft.Ana, "The lamp stayed lit.");
        return draft;
    }

    private async Task<IRenderedComponent<DraftAdvice>> RenderAsync(ADraft draft, string userId)
    {
        var overview = Given.Succeed(await Get<DraftAnalyticsService>().FindOverviewAsync(userId, draft.Id));
        return Render<DraftAdvice>(p => p.Add(x => x.Overview, overview).Add(x => x.UserId, userId));
    }
}
