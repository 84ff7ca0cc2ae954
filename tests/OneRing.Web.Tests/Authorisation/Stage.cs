using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;
using OneRing.Data.Sharing;
using OneRing.Data.Writing;

namespace OneRing.Web.Tests.Authorisation;

/// <summary>What may have happened between the drawing of a page and a press of one of its buttons.</summary>
internal enum Meanwhile
{
    RingPassed,
    MadeReader,
    Removed,
    Disabled,
    HandedOver,
    Locked,
    Completed,
    Archived,
    Deleted,
}

/// <summary>A draft with a person of each kind around it, all of them new, and what each of them sees.</summary>
internal sealed class Stage
{
    public const string Title = "A draft";

    private readonly IServiceProvider services;
    private readonly Dictionary<Kind, string> people = [];

    private Stage(IServiceProvider services) => this.services = services;

    public Guid DraftId { get; private set; }

    /// <summary>A text that was parked before, an invite or a token that was made: what is to be acted on, where it is not the draft itself.</summary>
    public Guid ThingId { get; set; }

    public static async Task<Stage> MakeAsync(IServiceProvider services)
    {
        var stage = new Stage(services);
        foreach (var kind in Enum.GetValues<Kind>().Where(kind => kind != Kind.Anonymous))
        {
            stage.people[kind] = await services.APersonAsync(kind.ToString(), isAdmin: kind == Kind.Admin);
        }
        var owner = stage.IdOf(Kind.Owner);
        stage.DraftId = Given.Succeed(await stage.Get<DraftService>().CreateAsync(new CreateDraft(owner, Title, FirstSegment: "Once upon a time")));
        foreach (var kind in (Kind[])[Kind.Holder, Kind.Writer, Kind.Former, Kind.Disabled])
        {
            await services.AddAsync(stage.DraftId, owner, stage.IdOf(kind), Role.Writer);
        }
        await services.AddAsync(stage.DraftId, owner, stage.IdOf(Kind.Reader), Role.Reader);
        await services.PassAsync(stage.DraftId, owner, stage.IdOf(Kind.Holder));
        Given.Succeed(await stage.Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(owner, stage.DraftId, stage.IdOf(Kind.Former))));
        await stage.DisableAsync(Kind.Disabled);
        return stage;
    }

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>The user id; one that nobody has for somebody without an account.</summary>
    public string IdOf(Kind kind) => people.GetValueOrDefault(kind, "nobody");

    public Task<string> HandleOfAsync(Kind kind) => services.HandleOfAsync(IdOf(kind));

    public Task<DraftView> ReadAsync(Kind kind) => services.ReadAsync(DraftId, IdOf(kind));

    public async Task<CollaboratorView> PersonAsync(Kind kind) => (await ReadAsync(Kind.Owner)).Collaborators.Single(person => person.UserId == IdOf(kind));

    /// <summary>Lets something happen. Answers whether it could, here and to this person.</summary>
    public async Task<bool> LetAsync(Meanwhile what, Kind to)
    {
        var isOwner = to == Kind.Owner;
        return what switch
        {
            Meanwhile.RingPassed => (await Get<RingService>().PassAsync(new PassRing(IdOf(Kind.Holder), DraftId, IdOf(to == Kind.Writer ? Kind.Owner : Kind.Writer), Given.NewKey()))).Succeeded,
            Meanwhile.MadeReader => IsMember(to) && (!isOwner || await HandOverAsync(to)) && (await Get<CollaboratorService>().ChangeRoleAsync(new ChangeRole(OwnerBeside(to), DraftId, IdOf(to), Role.Reader))).Succeeded,
            Meanwhile.Removed => IsMember(to) && (!isOwner || await HandOverAsync(to)) && (await Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(OwnerBeside(to), DraftId, IdOf(to)))).Succeeded,
            Meanwhile.Disabled => await DisableAsync(to),
            Meanwhile.HandedOver => await HandOverAsync(to),
            Meanwhile.Locked => (await Get<DraftService>().LockAsync(new LockDraft(IdOf(Kind.Owner), DraftId))).Succeeded,
            Meanwhile.Completed => (await Get<DraftService>().CompleteAsync(new CompleteDraft(IdOf(Kind.Owner), DraftId))).Succeeded,
            Meanwhile.Archived => (await Get<DraftService>().ArchiveAsync(new ArchiveDraft(IdOf(Kind.Owner), DraftId))).Succeeded,
            Meanwhile.Deleted => (await Get<DraftService>().DeleteAsync(new DeleteDraft(IdOf(Kind.Owner), DraftId, Title))).Succeeded,
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "There is no way for this to happen."),
        };
    }

    /// <summary>Everything that somebody sees of the draft and of themselves, for everybody: the same before and after means that nothing was changed.</summary>
    public async Task<string> SeenByAllAsync()
    {
        var seen = new List<object?>();
        foreach (var id in people.Values)
        {
            seen.Add(await Get<DraftService>().FindAsync(DraftId, id));
            seen.Add((await Get<DraftService>().ListAsync(id)).Value?.Items.Select(draft => draft.Id));
            seen.Add((await Get<InviteService>().ListAsync(id, DraftId)).Value);
            seen.Add(await Get<InviteService>().ListForAsync(id));
            seen.Add(await Get<SharingService>().FindAsync(id, DraftId));
            seen.Add((await Get<WorkingTextService>().ListParkedAsync(id)).Any(text => text.TextId == ThingId));
            seen.Add(await Get<AccessTokenService>().ListAsync(id));
            seen.Add(await Get<AccountService>().FindProfileAsync(id));
            seen.Add((await Get<AbsenceService>().FindAsync(id)).Value);
        }
        seen.Add((await Get<AnalyticsService>().ListEventsAsync(IdOf(Kind.Admin), new EventQuery(DraftId: DraftId))).Value?.Items.Select(happened => happened.Id));
        return JsonSerializer.Serialize(seen);
    }

    private static bool IsMember(Kind kind) => kind is Kind.Reader or Kind.Writer or Kind.Holder or Kind.Owner;

    /// <summary>Who owns the draft when this person is to lose something in it.</summary>
    private string OwnerBeside(Kind to) => IdOf(to == Kind.Owner ? HeirBeside(to) : Kind.Owner);

    private static Kind HeirBeside(Kind to) => to == Kind.Writer ? Kind.Holder : Kind.Writer;

    private async Task<bool> HandOverAsync(Kind to)
    {
        var heir = IdOf(HeirBeside(to));
        return (await Get<CollaboratorService>().OfferAsync(new OfferDraft(IdOf(Kind.Owner), DraftId, heir))).Succeeded
            && (await Get<CollaboratorService>().AcceptAsync(new AcceptDraft(heir, DraftId))).Succeeded;
    }

    private async Task<bool> DisableAsync(Kind kind) =>
        (await Get<UserAdministration>().ActAsync(new UserAct(ActorId: null, IdOf(kind), Act.Disabled, "a test"))).Succeeded;
}
