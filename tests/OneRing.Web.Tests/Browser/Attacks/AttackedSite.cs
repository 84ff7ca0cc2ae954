using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Rings;
using OneRing.Data.Sharing;
using OneRing.Tests.Attacks;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Browser.Attacks;

/// <summary>A site on which somebody has written hostile words wherever one can write.</summary>
internal sealed class AttackedSite
{
    /// <summary>As many invites as one person may make in an hour, and a few less.</summary>
    private const int Invites = 25;

    private const int Passkeys = 60;

    private readonly IServiceProvider services;

    private AttackedSite(IServiceProvider services) => this.services = services;

    /// <summary>An admin, and the owner of every draft here.</summary>
    public string Owner { get; private set; } = "";

    public string OwnersHandle { get; private set; } = "";

    /// <summary>Every text that can be kept is a segment of this draft, and stands among its people, in the history of its ring and with those who ask for it.</summary>
    public Guid Draft { get; private set; }

    /// <summary>Drafts that bear the texts as titles, each with the token of its public link.</summary>
    public List<(Guid Id, string PublicToken)> Titled { get; } = [];

    /// <summary>Where invites to some of them lead.</summary>
    public List<string> InviteLinks { get; } = [];

    /// <summary>The handles of people who bear the texts as names, and describe themselves with them.</summary>
    public List<string> Handles { get; } = [];

    public static async Task<AttackedSite> MakeAsync(Site site)
    {
        var attacked = new AttackedSite(site.Services);
        attacked.Owner = await site.Services.APersonAsync("Ada", isAdmin: true, password: Person.Password);
        attacked.OwnersHandle = await site.Services.HandleOfAsync(attacked.Owner);
        var people = await attacked.NamePeopleAsync();
        await attacked.WriteAsync(people);
        await attacked.GiveTitlesAsync(people[0]);
        await attacked.FillTheAccountAsync();
        return attacked;
    }

    private T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    private async Task<List<string>> NamePeopleAsync()
    {
        var bios = AttackTexts.InPacksOf(Texts.LongestBio);
        var people = new List<string>();
        foreach (var name in AttackTexts.UpTo(Texts.LongestDisplayName))
        {
            var handle = $"h{Guid.NewGuid():N}"[..25];
            var id = Given.Succeed(await Get<AccountService>().SignUpAsync(new SignUp(handle, name, Password: null)));
            Given.Succeed(await Get<AccountService>().ChangeProfileAsync(id, name, bios[people.Count % bios.Count]));
            people.Add(id);
            Handles.Add(handle);
        }
        Given.Succeed(await Get<AccountService>().ChangeProfileAsync(Owner, AttackTexts.UpTo(Texts.LongestDisplayName)[0], bios[0]));
        return people;
    }

    private async Task WriteAsync(List<string> people)
    {
        var title = AttackTexts.InPacksOf(Texts.LongestTitle)[0];
        Draft = Given.Succeed(await Get<DraftService>().CreateAsync(new CreateDraft(Owner, title)));
        foreach (var text in AttackTexts.All.Where(Texts.IsReadable))
        {
            await services.AppendAsync(Draft, Owner, text);
        }

        var words = AttackTexts.InPacksOf(Texts.LongestNote);
        foreach (var (i, person) in people.Index())
        {
            await services.AddAsync(Draft, Owner, person, i < words.Count ? Role.Writer : Role.Reader);
        }
        foreach (var (i, word) in words.Index())
        {
            await services.PassAsync(Draft, Owner, people[i]);
            // What somebody typed before the ring went on is parked for them.
            Given.Succeed(await new TypedText(services, Draft, Owner).SaveAsync(word, park: true));
            Given.Succeed(await Get<TurnService>().ReclaimAsync(new ReclaimRing(Owner, Draft, Reason: word)));
        }
        await services.PassAsync(Draft, Owner, people[0]);
        Given.Succeed(await Get<RingService>().PassAsync(new PassRing(people[0], Draft, Owner, Given.NewKey(), Note: words[0])));
        foreach (var (i, word) in words.Index())
        {
            Given.Succeed(await Get<TurnService>().AskAsync(new AskForRing(people[i], Draft, word)));
        }
        Given.Succeed(await Get<SharingService>().ShareAsync(new ShareDraft(Owner, Draft)));
        Titled.Add((Draft, (await Get<SharingService>().FindAsync(Owner, Draft))!.Token!));
    }

    private async Task GiveTitlesAsync(string guest)
    {
        foreach (var title in AttackTexts.InPacksOf(Texts.LongestTitle))
        {
            var id = Given.Succeed(await Get<DraftService>().CreateAsync(new CreateDraft(Owner, title, FirstSegment: title)));
            Given.Succeed(await Get<SharingService>().ShareAsync(new ShareDraft(Owner, id)));
            Titled.Add((id, (await Get<SharingService>().FindAsync(Owner, id))!.Token!));
            if (InviteLinks.Count < Invites)
            {
                var link = Given.Succeed(await Get<InviteService>().CreateAsync(new CreateInvite(Owner, id, Role.Reader)));
                InviteLinks.Add($"/invites/{id}/{link.InviteId}");
            }
            else
            {
                // The owner waits for these.
                await services.AddAsync(id, Owner, guest, Role.Writer);
                await services.PassAsync(id, Owner, guest);
            }
        }
        // And these wait for the owner.
        foreach (var title in AttackTexts.InPacksOf(Texts.LongestTitle).Take(Invites))
        {
            var id = Given.Succeed(await Get<DraftService>().CreateAsync(new CreateDraft(guest, title)));
            Given.Succeed(await Get<InviteService>().CreateAsync(new CreateInvite(guest, id, Role.Writer, OwnersHandle)));
        }
    }

    private async Task FillTheAccountAsync()
    {
        foreach (var name in AttackTexts.UpTo(Texts.LongestTokenName).Take(AccessTokenService.MostActive))
        {
            Given.Succeed(await Get<AccessTokenService>().CreateAsync(new NewAccessToken(Owner, name)));
        }

        await using var scope = services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var owner = await users.FindByIdAsync(Owner);
        foreach (var (i, name) in AttackTexts.UpTo(Texts.LongestTokenName).Take(Passkeys).Index())
        {
            var passkey = new UserPasskeyInfo([(byte)i], [1], DateTimeOffset.UtcNow, signCount: 0, transports: null, isUserVerified: true, isBackupEligible: false, isBackedUp: false, attestationObject: [1], clientDataJson: [1]) { Name = name };
            Assert.True((await users.AddOrUpdatePasskeyAsync(owner!, passkey)).Succeeded);
        }
    }
}
