using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Demo;

/// <summary>Somebody to try OneRing as.</summary>
public sealed record DemoPerson(string Handle, string Name, bool IsAdmin = false);

/// <summary>Fills a database with something to look at, through the same services as everybody else.</summary>
public sealed class DemoService(AccountService accounts, DraftService drafts, CollaboratorService collaborators, RingService rings)
{
    /// <summary>The people whom the sign-in page offers. Their ids are their handles.</summary>
    public static IReadOnlyList<DemoPerson> People { get; } =
    [
        new("ana", "Ana"),
        new("ben", "Ben"),
        new("cleo", "Cleo"),
        new("dan", "Dan"),
        new("ada", "Ada", IsAdmin: true),
    ];

    /// <summary>Makes the demo people and their draft, unless they are there.</summary>
    public async Task SeedAsync(CancellationToken cancellationToken = default)
    {
        foreach (var person in People)
        {
            await AddPersonAsync(person.Handle, person.Name, person.IsAdmin, cancellationToken);
        }

        const string Key = "demo";
        var draft = await drafts.CreateAsync(new CreateDraft("ana", "The lamp that would not sleep", Key: Key), cancellationToken);
        if (draft is not { Succeeded: true, Replayed: false })
        {
            return;
        }

        var id = draft.Value;
        foreach (var handle in (string[])["ben", "cleo"])
        {
            Expect(await collaborators.AddAsync(new AddCollaborator("ana", id, handle, Role.Writer), cancellationToken));
        }
        Expect(await collaborators.AddAsync(new AddCollaborator("ana", id, "dan", Role.Reader), cancellationToken));
        Expect(await rings.AppendAsync(new AppendSegment("ana", id, "On the night the harbour froze, the lamp on the old pier stayed lit, though nobody had fed it oil for a week.", "demo-1"), cancellationToken));
        Expect(await rings.PassAsync(new PassRing("ana", id, "ben", "demo-2", Note: "Keep the lamp a mystery for now."), cancellationToken));
        Expect(await rings.AppendAsync(new AppendSegment("ben", id, "Old Marten said it was the cold that kept it burning. He said it the way he said everything, as if somebody had dared him to.", "demo-3"), cancellationToken));
        Expect(await rings.AppendAsync(new AppendSegment("ben", id, "So we went to look, the three of us, with one coat between us.", "demo-4"), cancellationToken));
        Expect(await rings.PassAsync(new SmartPass("ben", id, Strategy.MostInactive, "demo-5"), cancellationToken));
        Expect(await rings.AppendAsync(new AppendSegment("cleo", id, "The coat was mine. I mention it because of what we found in its pocket afterwards.", "demo-6"), cancellationToken));
        Expect(await rings.PassAsync(new PassRing("cleo", id, "ana", "demo-7"), cancellationToken));
    }

    /// <summary>Plays a relay: every voice becomes a person, the first one owns the draft. Answers the draft's id.</summary>
    /// <remarks>Carried out once: played again, it finds its own keys, and the draft stays as it is.</remarks>
    public async Task<Guid> PlayAsync(Relay relay, CancellationToken cancellationToken = default)
    {
        var people = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var voice in relay.Voices)
        {
            people[voice] = await AddPersonAsync(Relay.HandleOf(voice), Relay.TitleCase(voice), isAdmin: false, cancellationToken);
        }

        var ownerId = people[relay.Voices[0]];
        var made = await drafts.CreateAsync(new CreateDraft(ownerId, relay.Title, Key: $"relay {relay.Title}"), cancellationToken);
        var draftId = Expect(made);
        if (made.Replayed)
        {
            return draftId;
        }

        foreach (var voice in relay.Voices.Skip(1))
        {
            Expect(await collaborators.AddAsync(new AddCollaborator(ownerId, draftId, Relay.HandleOf(voice), Role.Writer), cancellationToken));
        }

        var holderId = ownerId;
        foreach (var speech in relay.Speeches)
        {
            var speakerId = people[speech.Speaker];
            if (speakerId != holderId)
            {
                Expect(await rings.PassAsync(new PassRing(holderId, draftId, speakerId, $"pass {speech.N}"), cancellationToken));
                holderId = speakerId;
            }
            Expect(await rings.AppendAsync(new AppendSegment(speakerId, draftId, speech.Text, $"speech {speech.N}"), cancellationToken));
        }
        return draftId;
    }

    private async Task<string> AddPersonAsync(string handle, string name, bool isAdmin, CancellationToken cancellationToken)
    {
        var result = await accounts.SignUpAsync(new SignUp(handle, name, Password: null, isAdmin, Id: handle), cancellationToken);
        return result.Refusal is null or Refusal.HandleTaken
            ? handle
            : throw new InvalidOperationException($"The demo person {handle} was refused: {result.Refusal}.");
    }

    private static T Expect<T>(Result<T> result) =>
        result.Succeeded ? result.Value : throw new InvalidOperationException($"The demo was refused: {result.Refusal}.");
}
