using System.Text;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Drafts;

public sealed class BadInputTests_InMemory(InMemory database) : BadInputTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class BadInputTests_Postgres(Postgres database) : BadInputTests(database), IClassFixture<Postgres>;

/// <summary>What cannot be taken is refused for the right reason, and leaves nothing.</summary>
public abstract class BadInputTests(TestDatabase database)
{
    private const string Ring = "\U0001F48D";
    private static readonly string[] Unreadable = ["\0", "a\0b", $"a{'\uD83D'}", $"{'\uDC8D'}a", $"{'\uDC8D'}{'\uD83D'}"];

    private DraftService Drafts => database.Get<DraftService>();

    private CollaboratorService People => database.Get<CollaboratorService>();

    private RingService Rings => database.Get<RingService>();

    [Fact]
    public async Task Titles_have_between_one_and_two_hundred_characters()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        foreach (var title in (string[])["", " ", "\r\n\t\u00A0", new('x', 201), Repeat(Ring, 201), .. Unreadable.Select(text => $"A{text}b")])
        {
            await RefusesAsync(Refusal.TitleInvalid, () => Drafts.CreateAsync(new CreateDraft(draft.Ana, title)));
            await RefusesAsync(Refusal.TitleInvalid, () => Drafts.RenameAsync(new RenameDraft(draft.Ana, draft.Id, title)));
        }

        foreach (var title in (string[])["x", new('x', 200), Repeat(Ring, 200), $" \n{Repeat(Ring, 200)}\t "])
        {
            Given.Succeed(await Drafts.CreateAsync(new CreateDraft(draft.Ana, title)));
            Given.Succeed(await Drafts.RenameAsync(new RenameDraft(draft.Ana, draft.Id, title)));
            Assert.Equal(title.Trim(), (await database.Services.ReadAsync(draft.Id, draft.Ana)).Title);
        }
    }

    [Theory]
    [InlineData(Platform.Story, 20_000)]
    [InlineData(Platform.X, 500)]
    [InlineData(Platform.Instagram, 500)]
    [InlineData(Platform.Tiktok, 500)]
    [InlineData(Platform.Youtube, 500)]
    public async Task Segments_are_as_long_as_the_platform_allows(Platform platform, int longest)
    {
        var draft = await database.Services.ADraftHeldByAnaAsync(platform);

        foreach (var unit in (string[])["x", "\n", "e\u0301"[1..], Ring])
        {
            var text = $"x{Repeat(unit, longest - 1)}";
            await RefusesAsync(Refusal.TextTooLong, () => Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, text + unit, Given.NewKey())));
            await RefusesAsync(Refusal.TextTooLong, () => Drafts.CreateAsync(new CreateDraft(draft.Ana, "Title", platform, text + unit)));
            await database.Services.AppendAsync(draft.Id, draft.Ana, text);
            Given.Succeed(await Drafts.CreateAsync(new CreateDraft(draft.Ana, "Title", platform, text)));
            Assert.Equal(text, (await database.Services.ReadAsync(draft.Id, draft.Ana)).Segments[^1].Content);
        }
    }

    [Fact]
    public async Task Segments_are_neither_blank_nor_unreadable()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        foreach (var text in (string[])["", " ", "\r\n", "\t\u00A0\u2003\u3000"])
        {
            await RefusesAsync(Refusal.TextBlank, () => Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, text, Given.NewKey())));
            await RefusesAsync(Refusal.TextBlank, () => Drafts.CreateAsync(new CreateDraft(draft.Ana, "Title", FirstSegment: text)));
        }
        foreach (var text in Unreadable)
        {
            await RefusesAsync(Refusal.TextUnreadable, () => Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, text, Given.NewKey())));
            await RefusesAsync(Refusal.TextUnreadable, () => Drafts.CreateAsync(new CreateDraft(draft.Ana, "Title", FirstSegment: text)));
        }
    }

    [Fact]
    public async Task Keys_have_between_one_and_two_hundred_characters_in_every_command()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        foreach (var key in (string[])["", new('x', 201), Repeat(Ring, 201), .. Unreadable])
        {
            await RefusesAsync(Refusal.KeyInvalid, () => Drafts.CreateAsync(new CreateDraft(draft.Ana, "Title", Key: key)));
            foreach (var command in CommandsOn(draft.Id, draft.Ana, draft, key))
            {
                await RefusesAsync(Refusal.KeyInvalid, command);
            }
        }

        foreach (var key in (string[])["x", " ", new('x', 200), Repeat(Ring, 200), "' or 1=1 --"])
        {
            Given.Succeed(await Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, "Text", key)));
            Assert.True((await Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, "Text", key))).Replayed);
        }
    }

    [Fact]
    public async Task Notes_have_at_most_five_hundred_characters()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        foreach (var note in (string[])[new('x', 501), Repeat(Ring, 501), .. Unreadable])
        {
            await RefusesAsync(Refusal.NoteInvalid, () => Rings.PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey(), Note: note)));
            await RefusesAsync(Refusal.NoteInvalid, () => Rings.PassAsync(new SmartPass(draft.Ana, draft.Id, Strategy.RoundRobin, Given.NewKey(), Note: note)));
        }

        var longest = Repeat(Ring, 500);
        Given.Succeed(await Rings.PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey(), Note: longest)));
        Assert.Equal(longest, Assert.Single((await database.Services.ReadAsync(draft.Id, draft.Ben)).Passes).Note);
        Assert.Null(Assert.Single((await database.Services.ReadAsync(draft.Id, draft.Ana)).Passes).Note);
    }

    [Fact]
    public async Task Drafts_that_are_not_there_are_not_found()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        foreach (var id in (Guid[])[Guid.Empty, Guid.CreateVersion7(), Guid.AllBitsSet])
        {
            foreach (var command in CommandsOn(id, draft.Ana, draft))
            {
                await RefusesAsync(Refusal.NotFound, command);
            }
            Assert.Null(await Drafts.FindAsync(id, draft.Ana));
            Assert.Equal(Refusal.NotFound, (await Rings.PreviewAsync(draft.Ana, id, Strategy.RoundRobin)).Refusal);
        }
    }

    [Fact]
    public async Task Strangers_and_those_who_were_removed_find_nothing()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var eve = await database.Services.APersonAsync("Eve");
        await database.Services.AddAsync(draft.Id, draft.Ana, eve, Role.Writer);
        await database.Services.PassAsync(draft.Id, draft.Ana, eve);
        Given.Succeed(await People.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, eve)));

        foreach (var userId in (string[])[draft.Dan, eve, "nobody", ""])
        {
            foreach (var command in CommandsOn(draft.Id, userId, draft))
            {
                await RefusesAsync(Refusal.NotFound, command);
            }
            Assert.Null(await Drafts.FindAsync(draft.Id, userId));
            Assert.Equal(Refusal.NotFound, (await Rings.PreviewAsync(userId, draft.Id, Strategy.RoundRobin)).Refusal);
        }
    }

    [Fact]
    public async Task Nobody_starts_a_draft_who_has_no_account()
    {
        await RefusesAsync(Refusal.Forbidden, () => Drafts.CreateAsync(new CreateDraft("nobody", "Title")));
        await RefusesAsync(Refusal.Forbidden, () => Drafts.CreateAsync(new CreateDraft("", "Title")));
    }

    [Fact]
    public async Task Readers_only_read_and_writers_only_write()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        foreach (var command in CommandsOn(draft.Id, draft.Cleo, draft))
        {
            await RefusesAsync(Refusal.Forbidden, command);
        }
        foreach (var command in CommandsOn(draft.Id, draft.Ben, draft).Skip(3))
        {
            await RefusesAsync(Refusal.Forbidden, command);
        }
        foreach (var command in CommandsOn(draft.Id, draft.Ben, draft).Take(3))
        {
            await RefusesAsync(Refusal.RingRequired, command);
        }
    }

    [Fact]
    public async Task Who_has_passed_the_ring_on_no_longer_holds_it()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        foreach (var command in CommandsOn(draft.Id, draft.Ana, draft).Take(3))
        {
            await RefusesAsync(Refusal.RingRequired, command);
        }
        await RefusesAsync(Refusal.StaleTurn, () => Rings.AppendAsync(new AppendSegment(draft.Ana, draft.Id, "Text", Given.NewKey(), Turn: 1)));
    }

    [Fact]
    public async Task The_ring_goes_only_to_others_who_can_hold_it()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        await RefusesAsync(Refusal.RecipientIsHolder, () => PassToAsync(draft.Ana));
        foreach (var recipient in (string[])[draft.Cleo, draft.Dan, "nobody", "", Guid.Empty.ToString(), draft.Ben.ToUpperInvariant() + " ", .. Unreadable])
        {
            await RefusesAsync(Refusal.RecipientCannotHold, () => PassToAsync(recipient));
        }

        Task<Result<RingPass>> PassToAsync(string recipient) => Rings.PassAsync(new PassRing(draft.Ana, draft.Id, recipient, Given.NewKey()));
    }

    [Fact]
    public async Task Nobody_joins_who_is_unknown_or_there_already_or_as_a_second_owner()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var (ben, dan) = (await database.Services.HandleOfAsync(draft.Ben), await database.Services.HandleOfAsync(draft.Dan));
        var gone = await database.Services.APersonAsync("Gone");
        var goneHandle = await database.Services.HandleOfAsync(gone);
        await using (var connection = await database.OpenDirectAsync())
        {
            await connection.ExecuteAsync($"update users set disabled_at = created_at where id = '{gone}'");
        }

        foreach (var handle in (string[])["", "@", "nobody_at_all", draft.Dan, goneHandle, new('x', 1000), $"{dan}' or '1'='1", .. Unreadable])
        {
            await RefusesAsync(Refusal.HandleUnknown, () => People.AddAsync(new AddCollaborator(draft.Ana, draft.Id, handle, Role.Writer)));
        }
        await RefusesAsync(Refusal.AlreadyCollaborator, () => People.AddAsync(new AddCollaborator(draft.Ana, draft.Id, $" @{ben.ToUpperInvariant()} ", Role.Reader)));
        await RefusesAsync(Refusal.Forbidden, () => People.AddAsync(new AddCollaborator(draft.Ana, draft.Id, dan, Role.Owner)));
        await RefusesAsync(Refusal.Forbidden, () => People.ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, draft.Ben, Role.Owner)));
    }

    [Fact]
    public async Task Nobody_is_changed_or_removed_who_is_not_there_or_is_the_owner()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        foreach (var userId in (string[])[draft.Dan, "nobody", "", .. Unreadable])
        {
            await RefusesAsync(Refusal.NotACollaborator, () => People.ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, userId, Role.Reader)));
            await RefusesAsync(Refusal.NotACollaborator, () => People.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, userId)));
        }
        await RefusesAsync(Refusal.OwnerStays, () => People.ChangeRoleAsync(new ChangeRole(draft.Ana, draft.Id, draft.Ana, Role.Reader)));
        await RefusesAsync(Refusal.OwnerStays, () => People.RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ana)));
    }

    [Fact]
    public async Task Cursors_that_are_none_of_ours_are_refused()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();

        string[] cursors =
        [
            "", " ", "nonsense", "====", "ä", "\0", new('A', 5000),
            Encode(""), Encode(":"), Encode($"1:{draft.Id}"), Encode($"-1:{draft.Id:N}"), Encode($" 1:{draft.Id:N}"), Encode($"1:2:{draft.Id:N}"),
            Encode($"99999999999999999999:{draft.Id:N}"), Encode($"{long.MaxValue}:{draft.Id:N}"), Encode($"1:{draft.Id:N}' or 1=1"),
        ];
        foreach (var cursor in cursors)
        {
            Assert.Equal(Refusal.CursorInvalid, (await Drafts.ListAsync(draft.Ana, cursor: cursor)).Refusal);
        }

        Assert.Empty(Given.Succeed(await Drafts.ListAsync(draft.Ana, cursor: Encode($"0:{draft.Id:N}"))).Items);
        Assert.Single(Given.Succeed(await Drafts.ListAsync(draft.Ana, cursor: Encode($"{DateTimeOffset.MaxValue.UtcTicks}:{draft.Id:N}"))).Items);

        static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    [Fact]
    public async Task What_is_typed_is_kept_unchanged_to_the_last_byte()
    {
        string[] texts =
        [
            "שלום עולם, \u200Fمرحبا\u202E", "\U0001F469\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466 \U0001F3F3\uFE0F\u200D\U0001F308", "e\u0301 n\u0303 \u1E69 s\u0323\u0307 \u1112\u1161\u11AB",
            "<script>alert('x')</script> &amp; <!-- -->", "one\r\ntwo\nthree\rfour", "  leading and trailing \t\n", Repeat(Ring, 500), "'; drop table drafts; --", "\\ % _ \" ` $1 @p0 {0}",
            "\u0001\u001F\u007F\u0085\u2028\u2029\uFEFF\uFFFE\uFFFF", "\uFDFA\U0010FFFF",
        ];
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var from = (Id: draft.Ana, Other: draft.Ben);

        foreach (var text in texts)
        {
            await database.Services.AppendAsync(draft.Id, from.Id, text);
            Given.Succeed(await Rings.PassAsync(new PassRing(from.Id, draft.Id, from.Other, Given.NewKey(), Note: text)));
            var title = Texts.Length(text) <= 198 ? $"[{text}]" : Repeat(Ring, 200);
            Given.Succeed(await Drafts.RenameAsync(new RenameDraft(draft.Ana, draft.Id, title)));
            from = (from.Other, from.Id);

            var view = await database.Services.ReadAsync(draft.Id, from.Id);
            Assert.Equal(text, view.Segments[^1].Content);
            Assert.Equal(text, view.Passes[^1].Note);
            Assert.Equal(title, view.Title);
        }

        await using var connection = await database.OpenDirectAsync();
        Assert.Equal(texts, await connection.ReadAsync("select content from draft_segments where draft_id = @draft order by position", ("@draft", draft.Id)));
        Assert.Equal(texts, await connection.ReadAsync("select note from ring_passes where draft_id = @draft order by turn", ("@draft", draft.Id)));
    }

    /// <summary>Every command on a draft that is there: first the three that need the ring.</summary>
    private IEnumerable<Func<Task<Refusal?>>> CommandsOn(Guid id, string userId, ADraft draft, string? key = null)
    {
        yield return () => Ask(Rings.AppendAsync(new AppendSegment(userId, id, "Text", key ?? Given.NewKey())));
        yield return () => Ask(Rings.PassAsync(new PassRing(userId, id, draft.Ben, key ?? Given.NewKey())));
        yield return () => Ask(Rings.PassAsync(new SmartPass(userId, id, Strategy.MostInactive, key ?? Given.NewKey())));
        yield return () => Ask(Drafts.RenameAsync(new RenameDraft(userId, id, "Other", key)));
        yield return () => Ask(Drafts.ChangeAsync(new ChangeDraft(userId, id, "Other", Key: key)));
        yield return () => Ask(Drafts.LockAsync(new LockDraft(userId, id, key)));
        yield return () => Ask(Drafts.UnlockAsync(new UnlockDraft(userId, id, key)));
        yield return () => Ask(Drafts.CompleteAsync(new CompleteDraft(userId, id, key)));
        yield return () => Ask(People.AddAsync(new AddCollaborator(userId, id, "somebody", Role.Writer, key)));
        yield return () => Ask(People.ChangeRoleAsync(new ChangeRole(userId, id, draft.Ana, Role.Reader, key)));
        yield return () => Ask(People.RemoveAsync(new RemoveCollaborator(userId, id, draft.Ana, key)));
    }

    private static async Task<Refusal?> Ask<T>(Task<Result<T>> asked) => (await asked).Refusal;

    private Task RefusesAsync<T>(Refusal refusal, Func<Task<Result<T>>> command) => RefusesAsync(refusal, () => Ask(command()));

    private async Task RefusesAsync(Refusal refusal, Func<Task<Refusal?>> command)
    {
        await using var connection = await database.OpenDirectAsync();
        var before = await Kept.ReadAsync(connection);

        Assert.Equal(refusal, await command());

        Assert.Equal(before, await Kept.ReadAsync(connection));
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
