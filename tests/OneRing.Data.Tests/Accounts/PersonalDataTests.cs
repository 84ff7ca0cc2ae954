using System.IO.Compression;
using System.Text.Json;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Accounts;

public sealed class PersonalDataTests_InMemory(InMemory database) : PersonalDataTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class PersonalDataTests_Postgres(Postgres database) : PersonalDataTests(database), IClassFixture<Postgres>;

public abstract class PersonalDataTests(TestDatabase database)
{
    [Fact]
    public async Task A_person_takes_along_what_they_wrote_and_did_and_nothing_of_others()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync(title: "The lamp");
        await database.Services.AppendAsync(draft.Id, draft.Ana, "Ana's words <3");
        Given.Succeed(await database.Get<RingService>().PassAsync(new PassRing(draft.Ana, draft.Id, draft.Ben, Given.NewKey(), Note: "For Ben's eyes")));
        await database.Services.AppendAsync(draft.Id, draft.Ben, "Ben's words\n\U0001F48D");
        Given.Succeed(await new TypedText(database.Services, draft.Id, draft.Ben).SaveAsync("Ben's words, half a sent"));
        await database.Services.PassAsync(draft.Id, draft.Ben, draft.Ana);

        var secret = Given.Succeed(await database.Get<AccessTokenService>().CreateAsync(new NewAccessToken(draft.Ben, "Ben's script"))).Secret;
        Given.Succeed(await database.Get<AccountService>().ChangeNamingAsync(draft.Ben, prefersNoName: true));
        var bens = await ReadAsync(draft.Ben);
        var cleos = await ReadAsync(draft.Cleo);

        Assert.Equal(["profile.json", "passkeys.json", "access_tokens.json", "notice_settings.json", "notices.json", "drafts.json", "segments.json", "unsent_texts.json", "passes.json", "ring_wishes.json", "events.json"], bens.Keys);
        Assert.Equal(await database.Services.HandleOfAsync(draft.Ben), bens["profile.json"][0].GetProperty("handle").GetString());
        Assert.Equal((true, false), (bens["profile.json"][0].GetProperty("prefers_no_name").GetBoolean(), cleos["profile.json"][0].GetProperty("prefers_no_name").GetBoolean()));
        Assert.Equal("Ben's script", bens["access_tokens.json"][0].GetProperty("name").GetString());
        Assert.DoesNotContain(bens.Values, file => file.GetRawText().Contains(secret, StringComparison.Ordinal));
        Assert.Equal("The lamp", bens["drafts.json"][0].GetProperty("title").GetString());
        Assert.Equal("writer", bens["drafts.json"][0].GetProperty("role").GetString());
        var segment = Assert.Single(bens["segments.json"].EnumerateArray());
        Assert.Equal(("The lamp", "Ben's words\n\U0001F48D", 1), (segment.GetProperty("draft_title").GetString(), segment.GetProperty("content").GetString(), segment.GetProperty("position").GetInt32()));
        var unsent = Assert.Single(bens["unsent_texts.json"].EnumerateArray());
        Assert.Equal(("Ben's words, half a sent", "ring_gone", "The lamp"), (unsent.GetProperty("content").GetString(), unsent.GetProperty("parked_because").GetString(), unsent.GetProperty("draft_title").GetString()));
        Assert.Equal(0, cleos["unsent_texts.json"].GetArrayLength());
        Assert.Equal(["For Ben's eyes", null], bens["passes.json"].EnumerateArray().Select(pass => pass.GetProperty("note").GetString()));
        Assert.Equal(["SegmentAdded", "RingPassed"], bens["events.json"].EnumerateArray().Select(e => e.GetProperty("type").GetString()?.Replace("_", "", StringComparison.Ordinal)), StringComparer.OrdinalIgnoreCase);
        Assert.Equal(0, cleos["segments.json"].GetArrayLength());
        Assert.Equal(0, cleos["passes.json"].GetArrayLength());
        Assert.DoesNotContain(cleos.Values, file => file.GetRawText().Contains("words", StringComparison.Ordinal) || file.GetRawText().Contains("eyes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/cron.d/forged")]
    [InlineData("..\\..\\windows\\system32\\forged.dll")]
    [InlineData("C:\\forged.exe")]
    [InlineData("profile.json")]
    [InlineData("CON")]
    [InlineData("a long name that goes on and on and on and on and on and on and")]
    public async Task The_files_of_the_download_have_our_names_whatever_people_call_themselves_and_their_drafts(string name)
    {
        var ana = await database.Services.APersonAsync("Ana");
        var usual = (await ReadAsync(ana)).Keys.ToList();
        Given.Succeed(await database.Get<AccountService>().ChangeProfileAsync(ana, name[..Math.Min(name.Length, Texts.LongestDisplayName)], name));
        for (var i = 0; i < 2; i++)
        {
            Given.Succeed(await database.Get<DraftService>().CreateAsync(new CreateDraft(ana, name, FirstSegment: name)));
        }
        Given.Succeed(await database.Get<AccessTokenService>().CreateAsync(new NewAccessToken(ana, name[..Math.Min(name.Length, Texts.LongestTokenName)])));

        var files = await ReadAsync(ana);

        Assert.Equal(usual, files.Keys);
        Assert.All(files.Keys, file => Assert.Matches("^[a-z_]+[.]json$", file));
        Assert.Equal([name, name], files["drafts.json"].EnumerateArray().Select(draft => draft.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Whoever_was_taken_out_still_has_their_words_but_not_the_title()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync(title: "The lamp");
        await database.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await database.Services.AppendAsync(draft.Id, draft.Ben, "Ben's words");
        Given.Succeed(await database.Get<CollaboratorService>().RemoveAsync(new RemoveCollaborator(draft.Ana, draft.Id, draft.Ben)));

        var bens = await ReadAsync(draft.Ben);

        var segment = Assert.Single(bens["segments.json"].EnumerateArray());
        Assert.Equal(("Ben's words", JsonValueKind.Null), (segment.GetProperty("content").GetString(), segment.GetProperty("draft_title").ValueKind));
        Assert.Equal(0, bens["drafts.json"].GetArrayLength());
    }

    [Fact]
    public async Task Where_a_person_is_and_how_they_took_their_turns_is_theirs_too()
    {
        var draft = await database.Services.ADraftHeldByAnaAsync();
        var absences = database.Get<AbsenceService>();
        var (all, here) = (DateTimeOffset.UtcNow.AddDays(3), DateTimeOffset.UtcNow.AddDays(5));
        Given.Succeed(await absences.SetTimeZoneAsync(draft.Ben, "Europe/Berlin"));
        Given.Succeed(await absences.SetAwayAsync(draft.Ben, all));
        Given.Succeed(await database.Get<TurnService>().SetAwayAsync(new SetAway(draft.Ben, draft.Id, here)));

        var bens = await ReadAsync(draft.Ben);
        var (profile, part) = (bens["profile.json"][0], bens["drafts.json"][0]);

        Assert.Equal("Europe/Berlin", profile.GetProperty("time_zone").GetString());
        Assert.Equal(all, profile.GetProperty("away_until").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        Assert.Equal(here, part.GetProperty("away_until").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        Assert.True(profile.GetProperty("away_since").GetDateTimeOffset() < all && part.GetProperty("away_since").GetDateTimeOffset() < here);
        Assert.Equal((0, 0), (part.GetProperty("excused_misses").GetInt32(), part.GetProperty("missed_turns").GetInt32()));
    }

    private async Task<Dictionary<string, JsonElement>> ReadAsync(string userId)
    {
        using var file = new MemoryStream();
        await database.Get<PersonalData>().WriteAsync(userId, new AsynchronousOnly(file));
        file.Position = 0;
        using var zip = new ZipArchive(file);
        var found = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            await using var content = await entry.OpenAsync();
            found[entry.Name] = (await JsonDocument.ParseAsync(content)).RootElement;
        }
        return found;
    }

    /// <summary>As the body of an answer is: it is written forwards, and never while a thread waits.</summary>
    private sealed class AsynchronousOnly(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => throw new NotSupportedException("A thread would wait.");

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A thread would wait.");

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            inner.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
