using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Presences;
using OneRing.Data.Tests.Feed;
using OneRing.Data.Writing;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Presences;

public sealed class PresenceServiceTests_InMemory(InMemory database) : PresenceServiceTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class PresenceServiceTests_Postgres(Postgres database) : PresenceServiceTests(database), IClassFixture<Postgres>;

public abstract class PresenceServiceTests(TestDatabase database) : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
    private ServiceProvider services = null!;

    private PresenceService Presence => services.GetRequiredService<PresenceService>();

    public async Task InitializeAsync()
    {
        services = database.BuildServices(clock);
        await services.PrepareDatabaseAsync();
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [Fact]
    public async Task Whoever_has_the_draft_open_is_here_in_the_order_of_joining()
    {
        var draft = await services.ADraftHeldByAnaAsync();

        await using var cleo = await EnterAsync(draft, draft.Cleo);
        await using var ana = await EnterAsync(draft, draft.Ana);

        foreach (var who in (string[])[draft.Ana, draft.Ben, draft.Cleo])
        {
            Assert.Equal([new PersonHere(draft.Ana, "Ana"), new PersonHere(draft.Cleo, "Cleo")], (await Presence.ReadAsync(who, draft.Id))!.People);
        }
    }

    [Fact]
    public async Task Several_pages_of_one_person_count_once_and_the_last_to_close_takes_them_away()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await using var cleo = await EnterAsync(draft, draft.Cleo);
        var first = await EnterAsync(draft, draft.Ana);
        var second = await EnterAsync(draft, draft.Ana);
        Assert.Equal(["Ana", "Cleo"], await NamesAsync(draft));

        await first.DisposeAsync();
        await first.DisposeAsync();
        Assert.Equal(["Ana", "Cleo"], await NamesAsync(draft));

        await second.DisposeAsync();
        Assert.Equal(["Cleo"], await NamesAsync(draft));
    }

    [Fact]
    public async Task Who_comes_and_who_goes_is_news_for_the_pages_of_the_draft_and_for_no_other()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var other = await services.ADraftHeldByAnaAsync();
        using var ben = new Listener();
        using var others = new Listener();
        await using var bens = await EnterAsync(draft, draft.Ben, ben);
        await using var bensOther = await EnterAsync(other, other.Ben, others);
        await ben.HearAsync();
        await others.HearAsync();
        await SettleAsync();

        var anas = await EnterAsync(draft, draft.Ana);
        await ben.HearAsync();
        await SettleAsync();
        await anas.DisposeAsync();
        await ben.HearAsync();

        await SettleAsync();
        Assert.Equal((3, 1), (ben.Heard, others.Heard));
    }

    [Fact]
    public async Task Whoever_falls_silent_is_gone_and_whoever_is_heard_stays()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await using var ana = await EnterAsync(draft, draft.Ana);

        for (var beat = 0; beat < 10; beat++)
        {
            clock.Advance(TimeSpan.FromSeconds(4));
            await Presence.BeatAsync(CancellationToken.None);
            Assert.Equal(["Ana"], await NamesAsync(draft));
        }
        clock.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(["Ana"], await NamesAsync(draft));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await Presence.ReadAsync(draft.Ben, draft.Id));

        await Presence.BeatAsync(CancellationToken.None);
        Assert.Equal(["Ana"], await NamesAsync(draft));
    }

    [Fact]
    public async Task The_heart_beats_by_itself_while_the_server_runs_and_a_stop_leaves_nobody_behind()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        var heart = services.GetServices<IHostedService>().OfType<Heartbeat>().Single();
        await using var ana = await EnterAsync(draft, draft.Ana);
        await heart.StartAsync(CancellationToken.None);

        var seen = await SeenAsync(draft);
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30)))
        {
            while (await SeenAsync(draft) == seen)
            {
                patience.Token.ThrowIfCancellationRequested();
                clock.Advance(TimeSpan.FromSeconds(4));
                await Task.Yield();
            }
        }

        await heart.StopAsync(CancellationToken.None);
        Assert.Null(await SeenAsync(draft));
    }

    [Fact]
    public async Task The_people_of_a_server_that_was_killed_are_missed_and_forgotten()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await LeaveBehindAsync(draft, draft.Ana);
        using var ben = new Listener();
        await using var bens = await EnterAsync(draft, draft.Ben, ben);
        await ben.HearAsync();
        await Presence.BeatAsync(CancellationToken.None);
        await ben.HearAsync();

        await BeatForAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(["Ana", "Ben"], await NamesAsync(draft));
        await SettleAsync();
        Assert.Equal(2, ben.Heard);

        await BeatForAsync(TimeSpan.FromSeconds(4));
        Assert.Equal(["Ben"], await NamesAsync(draft));
        await ben.HearAsync();
        Assert.Equal(2, await CountRowsAsync(draft));

        await BeatForAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(1, await CountRowsAsync(draft));
    }

    [Fact]
    public async Task Somebody_without_a_part_in_the_draft_neither_comes_nor_sees_who_is_there()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await using var ana = await EnterAsync(draft, draft.Ana);

        Assert.Null(await Presence.EnterAsync(draft.Dan, draft.Id, () => Task.CompletedTask));
        Assert.Null(await Presence.EnterAsync(draft.Ana, Guid.CreateVersion7(), () => Task.CompletedTask));
        Assert.Null(await Presence.ReadAsync(draft.Dan, draft.Id));
        Assert.Equal(1, await CountRowsAsync(draft));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_loses_their_part_in_the_draft_is_shown_no_more_and_sees_nobody(bool isDisabled)
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await using var ana = await EnterAsync(draft, draft.Ana);
        await using var ben = await EnterAsync(draft, draft.Ben);

        if (isDisabled)
        {
            Given.Succeed(await services.GetRequiredService<UserAdministration>().ActAsync(new UserAct(ActorId: null, draft.Ben, Act.Disabled, "a test")));
        }
        else
        {
            Given.Succeed(await services.GetRequiredService<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));
        }
        await Presence.BeatAsync(CancellationToken.None);

        Assert.Equal(["Ana"], (await Presence.ReadAsync(draft.Ana, draft.Id))!.People.Select(p => p.Name));
        Assert.Null(await Presence.ReadAsync(draft.Ben, draft.Id));
    }

    [Fact]
    public async Task A_draft_that_was_deleted_under_an_open_page_does_not_stop_the_heart()
    {
        var (gone, kept) = (await services.ADraftHeldByAnaAsync(), await services.ADraftHeldByAnaAsync());
        await using var first = await EnterAsync(gone, gone.Ana);
        await using var second = await EnterAsync(kept, kept.Ana);
        Given.Succeed(await services.GetRequiredService<DraftService>().DeleteAsync(new DeleteDraft(gone.Ana, gone.Id, "A draft")));

        clock.Advance(TimeSpan.FromSeconds(20));
        await Presence.BeatAsync(CancellationToken.None);

        Assert.Equal(["Ana"], await NamesAsync(kept));
        Assert.Equal(0, await CountRowsAsync(gone));
    }

    [Fact]
    public async Task However_people_come_and_go_at_once_the_database_knows_who_stayed()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        string[] people = [draft.Ana, draft.Ben, draft.Cleo];

        await Race.AtOnceAsync(32, i => Task.Run(async () =>
        {
            for (var round = 0; round < 3; round++)
            {
                await using var page = await EnterAsync(draft, people[i % 2]);
                Assert.Contains(people[i % 2], (await Presence.ReadAsync(draft.Cleo, draft.Id))!.People.Select(p => p.UserId));
            }
            return true;
        }));
        Assert.Equal(0, await CountRowsAsync(draft));

        var stay = await Race.AtOnceAsync(32, i => Task.Run(async () =>
        {
            var page = await EnterAsync(draft, people[i % 3]);
            if (i >= 3)
            {
                await page.DisposeAsync();
            }
            return page;
        }));
        Assert.Equal(["Ana", "Ben", "Cleo"], await NamesAsync(draft));
        Assert.Equal(3, await CountRowsAsync(draft));
        foreach (var page in stay)
        {
            await page.DisposeAsync();
        }
        Assert.Equal(0, await CountRowsAsync(draft));
    }

    [Fact]
    public async Task Others_see_that_the_holder_writes_and_how_much_while_they_do()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        using var ben = new Listener();
        await using var bens = await EnterAsync(draft, draft.Ben, ben);
        await ben.HearAsync();
        await SettleAsync();
        Assert.Null(await WritingAsync(draft, draft.Ben));

        Given.Succeed(await new TypedText(services, draft.Id, draft.Ana).SaveAsync("The lamp stayed lit."));
        await ben.HearAsync();
        Assert.Equal(new WritingView("Ana", 4, IsNow: true, LiveText: null), await WritingAsync(draft, draft.Ben));
        Assert.Equal(new WritingView("Ana", 4, IsNow: true, LiveText: null), await WritingAsync(draft, draft.Cleo));
        Assert.Null(await WritingAsync(draft, draft.Ana));

        await BeatForAsync(TimeSpan.FromSeconds(8));
        await ben.HearAsync();
        Assert.True((await WritingAsync(draft, draft.Ben))!.IsNow);
        await BeatForAsync(TimeSpan.FromSeconds(4));
        await ben.HearAsync();
        Assert.Equal(new WritingView("Ana", 4, IsNow: false, LiveText: null), await WritingAsync(draft, draft.Ben));
    }

    [Fact]
    public async Task A_fast_typist_is_news_at_once_and_then_once_a_second()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        using var ben = new Listener();
        using var page = await Listener.ToDraftAsync(services.GetRequiredService<DraftFeed>(), draft.Ben, draft.Id);
        await using var bens = await EnterAsync(draft, draft.Ben, ben);
        await ben.HearAsync();
        await SettleAsync();
        var typed = new TypedText(services, draft.Id, draft.Ana);

        for (var i = 1; i <= 20; i++)
        {
            Given.Succeed(await typed.SaveAsync(new string('a', i)));
        }
        await ben.HearAsync();
        await QuietAsync();
        Assert.Equal(2, ben.Heard);

        clock.Advance(TimeSpan.FromSeconds(1));
        await ben.HearAsync();
        await SettleAsync();
        Assert.Equal((3, 0), (ben.Heard, page.Heard));
    }

    [Fact]
    public async Task Nobody_reads_along_until_the_holder_says_so_and_nobody_any_more_when_they_say_no()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        Given.Succeed(await new TypedText(services, draft.Id, draft.Ana).SaveAsync("The lamp st"));
        await using var bens = await EnterAsync(draft, draft.Ben);
        Assert.Equal((null, false), ((await WritingAsync(draft, draft.Ben))!.LiveText, (await services.ReadAsync(draft.Id, draft.Ana)).ShowsLive));

        await ShowAsync(draft, draft.Ana, on: true);
        Assert.Equal("The lamp st", (await WritingAsync(draft, draft.Ben))!.LiveText);
        Assert.Equal("The lamp st", (await WritingAsync(draft, draft.Cleo))!.LiveText);
        Assert.True((await services.ReadAsync(draft.Id, draft.Ana)).ShowsLive);
        Assert.False((await services.ReadAsync(draft.Id, draft.Ben)).ShowsLive);

        await ShowAsync(draft, draft.Ana, on: false);
        Assert.Null((await WritingAsync(draft, draft.Ben))!.LiveText);
    }

    [Fact]
    public async Task One_person_lets_nobody_read_along_for_another_and_one_draft_not_for_another()
    {
        var (draft, other) = (await services.ADraftHeldByAnaAsync(), await services.ADraftHeldByAnaAsync());
        await using var bens = await EnterAsync(draft, draft.Ben);
        await using var others = await EnterAsync(other, other.Ben);
        await ShowAsync(draft, draft.Ben, on: true);
        await ShowAsync(other, other.Ana, on: true);

        Given.Succeed(await new TypedText(services, draft.Id, draft.Ana).SaveAsync("Not for anybody"));

        Assert.Null((await WritingAsync(draft, draft.Cleo))!.LiveText);
    }

    [Theory]
    [InlineData("passed")]
    [InlineData("locked")]
    [InlineData("archived")]
    [InlineData("parked")]
    [InlineData("emptied")]
    public async Task The_live_text_ends_with_the_writing(string way)
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await ShowAsync(draft, draft.Ana, on: true);
        await using var cleos = await EnterAsync(draft, draft.Cleo);
        var typed = new TypedText(services, draft.Id, draft.Ana);
        Given.Succeed(await typed.SaveAsync("The lamp st"));
        Assert.NotNull(await WritingAsync(draft, draft.Cleo));

        switch (way)
        {
            case "passed":
                await services.PassAsync(draft.Id, draft.Ana, draft.Ben);
                break;
            case "locked":
                Given.Succeed(await services.GetRequiredService<DraftService>().LockAsync(new LockDraft(draft.Ana, draft.Id)));
                break;
            case "archived":
                Given.Succeed(await services.GetRequiredService<DraftService>().ArchiveAsync(new ArchiveDraft(draft.Ana, draft.Id)));
                break;
            case "parked":
                Given.Succeed(await services.GetRequiredService<WorkingTextService>().ParkAsync(draft.Ana, draft.Id, typed.Id));
                break;
            default:
                Given.Succeed(await typed.SaveAsync(" "));
                break;
        }

        Assert.Null(await WritingAsync(draft, draft.Cleo));
    }

    [Fact]
    public async Task Of_a_long_text_the_end_is_shown_and_no_character_is_torn()
    {
        var draft = await services.ADraftHeldByAnaAsync();
        await ShowAsync(draft, draft.Ana, on: true);
        await using var bens = await EnterAsync(draft, draft.Ben);
        var typed = new TypedText(services, draft.Id, draft.Ana);
        var longest = string.Concat(Enumerable.Repeat("🪔a", PresenceService.LongestLiveText / 2));

        Given.Succeed(await typed.SaveAsync(longest));
        Assert.Equal(longest, (await WritingAsync(draft, draft.Ben))!.LiveText);

        Given.Succeed(await typed.SaveAsync("x🪔" + longest));
        Assert.Equal(longest, (await WritingAsync(draft, draft.Ben))!.LiveText);

        Given.Succeed(await typed.SaveAsync(longest + "b"));
        Assert.Equal("a" + longest[3..] + "b", (await WritingAsync(draft, draft.Ben))!.LiveText);
    }

    private async Task<IAsyncDisposable> EnterAsync(ADraft draft, string userId, Listener? listener = null)
    {
        var page = await Presence.EnterAsync(userId, draft.Id, listener is null ? () => Task.CompletedTask : listener.Hear);
        Assert.NotNull(page);
        return page;
    }

    private async Task<IEnumerable<string>> NamesAsync(ADraft draft) => (await Presence.ReadAsync(draft.Cleo, draft.Id))!.People.Select(p => p.Name);

    /// <summary>What somebody sees of the writing, who is at the draft or knows somebody there.</summary>
    private async Task<WritingView?> WritingAsync(ADraft draft, string userId) => (await Presence.ReadAsync(userId, draft.Id))!.Writing;

    private async Task ShowAsync(ADraft draft, string userId, bool on) =>
        Given.Succeed(await services.GetRequiredService<CollaboratorService>().ShowLiveAsync(new ShowLive(userId, draft.Id, on)));

    private async Task BeatForAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(4))
        {
            clock.Advance(TimeSpan.FromSeconds(4));
            await Presence.BeatAsync(CancellationToken.None);
        }
    }

    /// <summary>Writes what a server leaves behind that is killed just now.</summary>
    private async Task LeaveBehindAsync(ADraft draft, string userId)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        await db.WritePresencesAsync([new Data.Presences.Presence(draft.Id, userId, "a server that was killed", clock.Now())], CancellationToken.None);
    }

    private async Task<int> CountRowsAsync(ADraft draft)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        return await db.Presences.CountAsync(p => p.DraftId == draft.Id);
    }

    private async Task<DateTimeOffset?> SeenAsync(ADraft draft)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        return await db.Presences.Where(p => p.DraftId == draft.Id).Select(p => (DateTimeOffset?)p.SeenAt).SingleOrDefaultAsync();
    }

    /// <summary>Lets what waits its second be told, and waits until all of it has been heard.</summary>
    private async Task SettleAsync()
    {
        for (var second = 0; second < 2; second++)
        {
            await QuietAsync();
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        await QuietAsync();
    }

    /// <summary>Waits until all that was told before has been heard: what is told now is heard after it.</summary>
    private async Task QuietAsync()
    {
        var feed = services.GetRequiredService<DraftFeed>();
        using var last = Listener.ToDraftsOf(feed, "the last to hear");
        for (var round = 0; round < 5; round++)
        {
            feed.Publish(new DraftChanged(Guid.NewGuid(), 1, ["the last to hear"]));
            await last.HearAsync();
        }
    }
}
