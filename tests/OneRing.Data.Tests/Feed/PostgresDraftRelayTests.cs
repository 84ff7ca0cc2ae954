using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Presences;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Feed;

[Trait("Database", "PostgreSQL")]
public sealed class PostgresDraftRelayTests(Postgres database) : IClassFixture<Postgres>
{
    [Fact]
    public async Task A_pass_on_one_server_is_news_on_the_other()
    {
        await using var here = await Server.StartAsync(database);
        await using var there = await Server.StartAsync(database);
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var page = await Listener.ToDraftAsync(there.Feed, draft.Ben, draft.Id);
        using var list = Listener.ToDraftsOf(there.Feed, draft.Ben);

        await here.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        await page.HearAsync();
        await list.HearAsync();
        Assert.Equal(draft.Ben, (await there.Services.ReadAsync(draft.Id, draft.Ben)).HolderId);
    }

    [Fact]
    public async Task News_comes_back_to_nobody_who_sent_it()
    {
        await using var here = await Server.StartAsync(database);
        await using var there = await Server.StartAsync(database);
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var pageHere = await Listener.ToDraftAsync(here.Feed, draft.Ben, draft.Id);
        using var pageThere = await Listener.ToDraftAsync(there.Feed, draft.Ben, draft.Id);
        using var answer = Listener.ToDraftsOf(here.Feed, "answer");

        await here.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);
        await pageThere.HearAsync();

        // What is sent later arrives later: by now an echo would have been here.
        for (var round = 0; round < 3; round++)
        {
            there.Feed.Publish(new DraftChanged(Guid.NewGuid(), 1, ["answer"]));
            await answer.HearAsync();
        }
        Assert.Equal(1, pageHere.Heard);
    }

    [Fact]
    public async Task A_change_reaches_everybody_however_many_are_concerned()
    {
        await using var here = await Server.StartAsync(database);
        await using var there = await Server.StartAsync(database);
        var people = Enumerable.Range(0, 500).Select(_ => Guid.NewGuid().ToString()).ToList();
        var lists = people.Select(id => Listener.ToDraftsOf(there.Feed, id)).ToList();

        here.Feed.Publish(new DraftChanged(Guid.NewGuid(), 2, people));

        await Task.WhenAll(lists.Select(list => list.HearAsync()));
    }

    [Fact]
    public async Task Changes_that_have_to_wait_travel_as_one_with_the_newest_version()
    {
        await using var here = await Server.StartAsync(database);
        await using var wire = await Wire.TapAsync(database);
        var (draftId, lastId) = (Guid.NewGuid(), Guid.NewGuid());

        await wire.CloseToOthersAsync();
        here.Feed.Publish(new DraftChanged(draftId, 5, ["ana", "ben"]));
        here.Feed.Publish(new DraftChanged(draftId, 7, ["ana", "cleo"]));
        here.Feed.Publish(new DraftChanged(draftId, 6, ["ana"]));
        await wire.OpenToOthersAsync();

        var message = await wire.ReadAsync();
        here.Feed.Publish(new DraftChanged(lastId, 1, []));
        var last = await wire.ReadAsync();
        Assert.Equal((draftId, 7), (message.DraftId, message.Version));
        Assert.Equal(["ana", "ben", "cleo"], message.UserIds.Order(StringComparer.Ordinal));
        Assert.Equal(lastId, last.DraftId);
    }

    [Fact]
    public async Task Who_comes_writes_and_goes_on_one_server_is_news_on_the_other_and_no_reason_to_read_the_draft_again()
    {
        await using var here = await Server.StartAsync(database);
        await using var there = await Server.StartAsync(database);
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var page = await Listener.ToDraftAsync(there.Feed, draft.Ben, draft.Id);
        using var ben = new Listener();
        await using var bens = await there.Presence.EnterAsync(draft.Ben, draft.Id, ben.Hear);
        await ben.HearAsync();

        await using (await here.Presence.EnterAsync(draft.Ana, draft.Id, () => Task.CompletedTask))
        {
            await ben.HearUntilAsync(async () => Assert.Equal(["Ana", "Ben"], (await there.Presence.ReadAsync(draft.Ben, draft.Id))!.People.Select(p => p.Name)));
            Given.Succeed(await new TypedText(here.Services, draft.Id, draft.Ana).SaveAsync("Five words, and no more"));
            await ben.HearUntilAsync(async () => Assert.Equal(5, (await there.Presence.ReadAsync(draft.Ben, draft.Id))!.Writing?.Words));
        }
        await ben.HearUntilAsync(async () => Assert.Equal(["Ben"], (await there.Presence.ReadAsync(draft.Ben, draft.Id))!.People.Select(p => p.Name)));

        Assert.Equal(0, page.Heard);
    }

    [Fact]
    public async Task What_travels_while_somebody_writes_says_which_draft_and_no_more()
    {
        await using var here = await Server.StartAsync(database);
        await using var wire = await Wire.TapAsync(database);
        var draft = await database.Services.ADraftHeldByAnaAsync();

        Given.Succeed(await new TypedText(here.Services, draft.Id, draft.Ana).SaveAsync("Nobody else's business"));

        var message = await wire.ReadAsync();
        Assert.Equal((draft.Id, 0), (message.DraftId, message.Version));
        Assert.Empty(message.UserIds);
    }

    [Fact]
    public async Task The_people_of_a_server_that_stops_are_gone_at_once()
    {
        await using var there = await Server.StartAsync(database);
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var ben = new Listener();
        await using var bens = await there.Presence.EnterAsync(draft.Ben, draft.Id, ben.Hear);
        await using (var here = await Server.StartAsync(database))
        {
            Assert.NotNull(await here.Presence.EnterAsync(draft.Ana, draft.Id, () => Task.CompletedTask));
            await ben.HearUntilAsync(async () => Assert.Equal(2, (await there.Presence.ReadAsync(draft.Ben, draft.Id))!.People.Count));
        }

        await ben.HearUntilAsync(async () => Assert.Equal(["Ben"], (await there.Presence.ReadAsync(draft.Ben, draft.Id))!.People.Select(p => p.Name)));
    }

    [Fact]
    public async Task After_a_change_has_travelled_those_that_follow_are_gathered_for_a_moment()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var here = await Server.StartAsync(database, clock);
        await using var wire = await Wire.TapAsync(database);
        var (firstId, draftId, otherId, markId) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        here.Feed.Publish(new DraftChanged(firstId, 1, []));
        Assert.Equal(firstId, (await wire.ReadAsync()).DraftId);

        here.Feed.Publish(new DraftChanged(draftId, 1, ["ana"]));
        // What is sent later arrives later: by now a message that did not wait would have been here.
        for (var round = 0; round < 3; round++)
        {
            await wire.SendAsync(JsonSerializer.Serialize(new Message("mark", markId, 1, [])));
            Assert.Equal(markId, (await wire.ReadAsync()).DraftId);
        }
        here.Feed.Publish(new DraftChanged(draftId, 2, ["ben"]));
        here.Feed.Publish(new DraftChanged(otherId, 1, []));

        var reading = wire.ReadAsync();
        while (!reading.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(20)));
        }
        var messages = new[] { await reading, await wire.ReadAsync() };
        Assert.Equal([(draftId, 2), (otherId, 1)], messages.Select(message => (message.DraftId, message.Version)).OrderByDescending(it => it.Version));
        Assert.Equal(["ana", "ben"], messages.Single(message => message.DraftId == draftId).UserIds.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_storm_of_changes_leaves_the_relay_at_work()
    {
        await using var here = await Server.StartAsync(database);
        await using var there = await Server.StartAsync(database);
        var drafts = Enumerable.Range(0, 8).Select(_ => Guid.NewGuid()).ToList();
        using var list = Listener.ToDraftsOf(there.Feed, "ben");

        await Race.AtOnceAsync(8, i => Task.Run(() =>
        {
            for (var version = 1; version <= 500; version++)
            {
                here.Feed.Publish(new DraftChanged(drafts[i], version, ["ana"]));
            }
            return true;
        }));
        here.Feed.Publish(new DraftChanged(Guid.NewGuid(), 1, ["ben"]));

        await list.HearAsync();
    }

    [Fact]
    public async Task News_is_heard_again_after_the_connection_was_lost()
    {
        await using var here = await Server.StartAsync(database);
        await using var there = await Server.StartAsync(database);
        await using var wire = await Wire.TapAsync(database);
        var draft = await database.Services.ADraftHeldByAnaAsync();
        using var page = await Listener.ToDraftAsync(there.Feed, draft.Ben, draft.Id);
        using var anybody = Listener.ToDraftsOf(there.Feed, "anybody");

        Assert.True(await wire.EndSessionsThatListenAsync() >= 2);
        await anybody.HearAsync();
        await page.HearAsync();
        await here.Services.PassAsync(draft.Id, draft.Ana, draft.Ben);

        await page.HearAsync();
    }

    [Fact]
    public async Task News_of_others_on_the_same_channel_does_no_harm()
    {
        await using var here = await Server.StartAsync(database);
        await using var there = await Server.StartAsync(database);
        await using var wire = await Wire.TapAsync(database);
        using var list = Listener.ToDraftsOf(there.Feed, "ben");

        await wire.SendAsync("no JSON at all");
        await wire.SendAsync("null");
        await wire.SendAsync("{}");
        here.Feed.Publish(new DraftChanged(Guid.NewGuid(), 1, ["ben"]));

        await list.HearAsync();
    }

    /// <summary>A server of its own: the services with everything that runs beside them, but for the rounds that would find lost news in the end.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly ServiceProvider services;
        private readonly List<IHostedService> running;
        private readonly Heartbeat heartbeat;

        private Server(ServiceProvider services)
        {
            this.services = services;
            running = [.. services.GetServices<IHostedService>().Where(service => service is not (DraftPoll or Heartbeat))];
            heartbeat = services.GetServices<IHostedService>().OfType<Heartbeat>().Single();
        }

        public IServiceProvider Services => services;

        public DraftFeed Feed => services.GetRequiredService<DraftFeed>();

        public PresenceService Presence => services.GetRequiredService<PresenceService>();

        public static async Task<Server> StartAsync(Postgres database, TimeProvider? clock = null)
        {
            var server = new Server(database.BuildServices(clock));
            // Once the relay listens, it has everybody look again.
            using var anybody = Listener.ToDraftsOf(server.Feed, "anybody");
            foreach (var service in server.running)
            {
                await service.StartAsync(CancellationToken.None);
            }
            await anybody.HearAsync();
            return server;
        }

        public async ValueTask DisposeAsync()
        {
            // As the host does it: what was started last stops first.
            await heartbeat.StopAsync(CancellationToken.None);
            foreach (var service in running.AsEnumerable().Reverse())
            {
                await service.StopAsync(CancellationToken.None);
            }
            await services.DisposeAsync();
        }
    }

    /// <summary>Listens in on what servers tell each other, and disturbs them.</summary>
    private sealed class Wire : IAsyncDisposable
    {
        private readonly Channel<Message> messages = Channel.CreateUnbounded<Message>();
        private readonly CancellationTokenSource stopping = new();
        private readonly NpgsqlConnection listening;
        private readonly NpgsqlConnection outside;
        private readonly string database;
        private Task listener = Task.CompletedTask;

        private Wire(string connectionString)
        {
            var own = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
            database = own.Database!;
            listening = new NpgsqlConnection(own.ConnectionString);
            own.Database = "postgres";
            outside = new NpgsqlConnection(own.ConnectionString);
        }

        public static async Task<Wire> TapAsync(Postgres database)
        {
            var wire = new Wire(database.ConnectionString!);
            await wire.outside.OpenAsync();
            await wire.listening.OpenAsync();
            wire.listening.Notification += (_, notification) =>
            {
                if (notification.Payload.StartsWith('{') && notification.Payload != "{}")
                {
                    wire.messages.Writer.TryWrite(JsonSerializer.Deserialize<Message>(notification.Payload)!);
                }
            };
            await ExecuteAsync(wire.listening, "listen onering_drafts");
            wire.listener = wire.ListenAsync();
            return wire;
        }

        public async Task<Message> ReadAsync()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            return await messages.Reader.ReadAsync(patience.Token);
        }

        public async Task SendAsync(string payload)
        {
            await using var other = new NpgsqlConnection(listening.ConnectionString);
            await other.OpenAsync();
            await using var notify = new NpgsqlCommand("select pg_notify('onering_drafts', $1)", other) { Parameters = { new() { Value = payload } } };
            await notify.ExecuteNonQueryAsync();
        }

        /// <summary>Ends every session of the database but this one, and lets nobody in.</summary>
        public async Task CloseToOthersAsync()
        {
            await ExecuteAsync(outside, $"alter database {database} with allow_connections false");
            await ExecuteAsync(outside, $"select pg_terminate_backend(pid, 30000) from pg_stat_activity where datname = '{database}' and pid <> {listening.ProcessID}");
        }

        public Task OpenToOthersAsync() => ExecuteAsync(outside, $"alter database {database} with allow_connections true");

        public async Task<long> EndSessionsThatListenAsync()
        {
            await using var end = new NpgsqlCommand(
                $"select count(pg_terminate_backend(pid, 30000)) from pg_stat_activity where datname = '{database}' and query like 'listen%' and pid <> {listening.ProcessID}",
                outside);
            return (long)(await end.ExecuteScalarAsync())!;
        }

        public async ValueTask DisposeAsync()
        {
            await stopping.CancelAsync();
            await listener.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await listening.DisposeAsync();
            await outside.DisposeAsync();
            stopping.Dispose();
        }

        private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }

        private async Task ListenAsync()
        {
            while (true)
            {
                await listening.WaitAsync(stopping.Token);
            }
        }
    }

    private sealed record Message(string Server, Guid DraftId, int Version, IReadOnlyList<string> UserIds);
}
