using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Demo;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class GeneratedClientTests_InMemory(SiteInMemory site) : GeneratedClientTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class GeneratedClientTests_Postgres(SiteOnPostgres site) : GeneratedClientTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>Somebody who has nothing but the address of a server, its description of itself, and tokens.</summary>
public abstract class GeneratedClientTests(Site site)
{
    [SkippableFact]
    public async Task It_plays_the_first_act_of_Hamlet_and_reads_equal_texts_back()
    {
        var play = await Relay.ReadAsync(RelayFiles.Hamlet);
        var act = play with { Speeches = [.. play.Speeches.Where(speech => speech.Act == 1)] };
        var voices = act.Speeches.Select(speech => speech.Speaker).Distinct().ToList();
        Assert.Equal(16, voices.Count);
        var api = await GeneratedClient.FromAsync(site.Address);
        var cast = await CastAsync(api, voices);

        var draftId = await StartAsync(api, cast, voices);
        var holder = voices[0];
        for (var position = 0; position < act.Speeches.Count; position++)
        {
            var speech = act.Speeches[position];
            if (speech.Speaker != holder)
            {
                await PassAsync(api, cast[holder], cast[speech.Speaker], draftId, speech.N);
                holder = speech.Speaker;
            }
            await AppendAsync(api, cast[speech.Speaker], draftId, speech, position);
        }

        foreach (var voice in voices)
        {
            var draft = (await cast[voice].Client.GetDraftAsync(draftId)).Data;
            var segments = ((IEnumerable<object>)draft.Segments).Cast<dynamic>().ToList();
            Assert.Equal(act.Speeches.Select(speech => speech.Text), segments.Select(segment => (string)segment.Content), StringComparer.Ordinal);
            Assert.Equal(act.Speeches.Select(speech => cast[speech.Speaker].UserId), segments.Select(segment => (string)segment.User_id));
            Assert.Equal(Enumerable.Range(0, act.Speeches.Count), segments.Select(segment => (int)segment.Segment_order));
            Assert.Equal(HoldersOf(act).Select(name => cast[name].UserId), (IEnumerable<string>)draft.Ring_state.Holders_history);
        }

        var figures = (await cast[voices[^1]].Client.GetDraftAnalyticsAsync(draftId, now: DateTimeOffset.UtcNow.AddMinutes(1))).Data;
        Assert.Equal(act.Speeches.Count, (int)figures.Segments);
        Assert.Equal(act.Speeches.Sum(speech => Texts.Words(speech.Text)), (int)figures.Words);
        Assert.Equal(HoldersOf(act).Count - 1, (int)figures.Ring_passes);
    }

    [Fact]
    public async Task It_is_told_why_something_was_refused()
    {
        var api = await GeneratedClient.FromAsync(site.Address);
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var ben = api.For(await TokenOfAsync(draft.Ben));
        var body = api.New("AppendBody");
        (body.Content, body.Idempotency_key) = ("It is not my turn", Given.NewKey());

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => (Task)ben.AppendSegmentAsync(draft.Id, body));

        Assert.Equal(403, (int)((dynamic)refused).StatusCode);
        Assert.Equal("ring_required", (string)((dynamic)refused).Result.Error.Code);
        Assert.NotEmpty((string)((dynamic)refused).Result.Error.Request_id);
    }

    /// <summary>The voices in the order in which they hold the ring.</summary>
    private static List<string> HoldersOf(Relay act)
    {
        var holders = new List<string> { act.Speeches[0].Speaker };
        foreach (var speech in act.Speeches.Where(speech => speech.Speaker != holders[^1]))
        {
            holders.Add(speech.Speaker);
        }
        return holders;
    }

    private static async Task<Guid> StartAsync(GeneratedClient api, Dictionary<string, Actor> cast, List<string> voices)
    {
        var owner = cast[voices[0]].Client;
        var draft = api.New("CreateBody");
        (draft.Title, draft.Idempotency_key) = ("Hamlet, the first act", Given.NewKey());
        var draftId = (Guid)(await owner.CreateDraftAsync(draft)).Data.Draft_id;
        foreach (var voice in voices.Skip(1))
        {
            var person = api.New("AddBody");
            (person.User_id, person.Role) = ($"@{cast[voice].Handle}", api.Value("JoiningRole", "Writer"));
            await owner.AddCollaboratorAsync(draftId, person);
        }
        return draftId;
    }

    private static async Task PassAsync(GeneratedClient api, Actor from, Actor to, Guid draftId, int n)
    {
        var body = api.New("PassBody");
        (body.To_user_id, body.Idempotency_key) = (to.UserId, $"pass {n}");
        var passed = await from.Client.PassRingAsync(draftId, body);
        Assert.Equal(to.UserId, (string)passed.Result.To);
        Assert.False((bool)passed.Replayed);
    }

    private static async Task AppendAsync(GeneratedClient api, Actor voice, Guid draftId, Speech speech, int position)
    {
        var body = api.New("AppendBody");
        (body.Content, body.Idempotency_key) = (speech.Text, $"speech {speech.N}");
        var appended = await voice.Client.AppendSegmentAsync(draftId, body);
        Assert.Equal(position, (int)appended.Result.Position);
        Assert.False((bool)appended.Replayed);

        // Now and then a line breaks after the server has heard it, and it is said again.
        if (position % 10 == 0)
        {
            var again = await voice.Client.AppendSegmentAsync(draftId, body);
            Assert.Equal((Guid)appended.Result.Segment_id, (Guid)again.Result.Segment_id);
            Assert.True((bool)again.Replayed);
        }
    }

    private async Task<Dictionary<string, Actor>> CastAsync(GeneratedClient api, IEnumerable<string> voices)
    {
        var cast = new Dictionary<string, Actor>(StringComparer.Ordinal);
        foreach (var voice in voices)
        {
            var handle = Relay.HandleOf(voice);
            var userId = Given.Succeed(await site.Services.GetRequiredService<AccountService>().SignUpAsync(new SignUp(handle, Relay.TitleCase(voice), Password: null)));
            cast[voice] = new Actor(userId, handle, api.For(await TokenOfAsync(userId)));
        }
        return cast;
    }

    private async Task<string> TokenOfAsync(string userId) =>
        Given.Succeed(await site.Services.GetRequiredService<AccessTokenService>().CreateAsync(new NewAccessToken(userId, "A generated client"))).Secret;

    private sealed record Actor(string UserId, string Handle, dynamic Client);
}
