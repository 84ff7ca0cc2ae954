using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Sharing;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Authorisation;

/// <summary>One person of each kind, with a browser and an access token, and drafts for them to try things on.</summary>
internal sealed class World
{
    private readonly Dictionary<Kind, string> people = [];
    private readonly Dictionary<Kind, string> handles = [];
    private readonly Dictionary<Kind, Visitor> browsers = [];
    private readonly Dictionary<Kind, string> tokens = [];
    private readonly Dictionary<Guid, InviteMade> invites = [];
    private readonly Site site;
    private Guid outsidersDraft;

    private World(Site site) => this.site = site;

    public IServiceProvider Services => site.Services;

    public static async Task<World> MakeAsync(Site site)
    {
        var world = new World(site);
        foreach (var kind in Enum.GetValues<Kind>().Where(kind => kind != Kind.Anonymous))
        {
            var id = await site.Services.APersonAsync(kind.ToString(), isAdmin: kind == Kind.Admin);
            world.people[kind] = id;
            world.handles[kind] = await site.Services.HandleOfAsync(id);
            world.browsers[kind] = await site.VisitAsync(id);
            world.tokens[kind] = Given.Succeed(await world.Get<AccessTokenService>().CreateAsync(new NewAccessToken(id, "A script"))).Secret;
        }
        world.browsers[Kind.Anonymous] = site.Visit();

        // Nothing that an outsider tries succeeds, so one draft is enough for all of them. Two of them had a part in it once.
        world.outsidersDraft = await world.ADraftAsync();
        foreach (var kind in (Kind[])[Kind.Former, Kind.Disabled])
        {
            await site.Services.AddAsync(world.outsidersDraft, world.IdOf(Kind.Owner), world.IdOf(kind), Role.Writer);
        }
        Given.Succeed(await world.Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(world.IdOf(Kind.Owner), world.outsidersDraft, world.IdOf(Kind.Former))));
        Given.Succeed(await world.Get<UserAdministration>().ActAsync(new UserAct(ActorId: null, world.IdOf(Kind.Disabled), Act.Disabled, "a test")));
        await world.WaitUntilSignedOutAsync(Kind.Disabled);
        return world;
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>The user id; one that nobody has for somebody without an account.</summary>
    public string IdOf(Kind kind) => people.GetValueOrDefault(kind, "nobody");

    public string HandleOf(Kind kind) => handles[kind];

    public Visitor BrowserOf(Kind kind) => browsers[kind];

    /// <summary>Gives somebody a new browser, in which they are signed in if they may be.</summary>
    public async Task SignInAgainAsync(Kind kind) =>
        browsers[kind] = kind is Kind.Anonymous or Kind.Disabled ? site.Visit() : await site.VisitAsync(IdOf(kind));

    /// <summary>A client of the HTTP API; without a token for somebody without an account.</summary>
    public HttpClient ApiOf(Kind kind)
    {
        var client = new HttpClient { BaseAddress = site.Address };
        if (tokens.TryGetValue(kind, out var token))
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        return client;
    }

    /// <summary>A draft for somebody to try one thing on: new for its people, whose tries change it.</summary>
    public async Task<Guid> DraftForAsync(Kind kind) =>
        kind is Kind.Reader or Kind.Writer or Kind.Holder or Kind.Owner ? await ADraftAsync() : outsidersDraft;

    /// <summary>An invite of the owner's by link, one for each draft: nobody may make very many in an hour.</summary>
    public async Task<InviteMade> InviteAsync(Guid draftId) => invites.TryGetValue(draftId, out var made)
        ? made
        : invites[draftId] = Given.Succeed(await Get<InviteService>().CreateAsync(new CreateInvite(IdOf(Kind.Owner), draftId, Role.Reader, MaxUses: 100)));

    /// <summary>The token of a draft's public link, which its owner makes if there is none.</summary>
    public async Task<string> PublicTokenAsync(Guid draftId)
    {
        Given.Succeed(await Get<SharingService>().ShareAsync(new ShareDraft(IdOf(Kind.Owner), draftId)));
        return (await Get<SharingService>().FindAsync(IdOf(Kind.Owner), draftId))!.Token!;
    }

    private async Task<Guid> ADraftAsync()
    {
        var owner = IdOf(Kind.Owner);
        var id = Given.Succeed(await Get<DraftService>().CreateAsync(new CreateDraft(owner, "A draft", FirstSegment: "Once upon a time")));
        await Services.AddAsync(id, owner, IdOf(Kind.Holder), Role.Writer);
        await Services.AddAsync(id, owner, IdOf(Kind.Writer), Role.Writer);
        await Services.AddAsync(id, owner, IdOf(Kind.Reader), Role.Reader);
        await Services.PassAsync(id, owner, IdOf(Kind.Holder));
        return id;
    }

    private async Task WaitUntilSignedOutAsync(Kind kind)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await BrowserOf(kind).OpenAsync("/drafts/new")).RedirectsTo is null)
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
