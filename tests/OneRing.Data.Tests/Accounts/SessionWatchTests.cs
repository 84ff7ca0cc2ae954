using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OneRing.Data.Accounts;
using OneRing.Data.Tests.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Accounts;

public sealed class SessionWatchTests_InMemory(InMemory database) : SessionWatchTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class SessionWatchTests_Postgres(Postgres database) : SessionWatchTests(database), IClassFixture<Postgres>;

public abstract class SessionWatchTests(TestDatabase database)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private SessionWatch Sessions => database.Get<SessionWatch>();

    [Fact]
    public async Task A_session_ends_when_its_account_has_another_stamp_and_the_others_go_on()
    {
        var (ana, ben) = (await database.Services.APersonAsync("Ana"), await database.Services.APersonAsync("Ben"));
        var (anas, bens) = (await OpenAsync(ana), await OpenAsync(ben));
        await PollAsync();
        Assert.Equal((0, 0), (anas.Ended, bens.Ended));

        Given.Succeed(await database.Get<SecurityService>().SignOutEverywhereAsync(ana));
        using var after = await OpenAsync(ana);
        await PollAsync();

        await anas.EndedOnce.WaitAsync(Patience);
        await PollAsync();
        Assert.Equal((1, 0, 0), (anas.Ended, bens.Ended, after.Ended));
        bens.Dispose();
    }

    [Fact]
    public async Task A_session_ends_when_its_person_is_disabled_whoever_did_it()
    {
        var ana = await database.Services.APersonAsync("Ana");
        using var session = await OpenAsync(ana);
        await using (var connection = await database.OpenDirectAsync())
        {
            await connection.ExecuteAsync("update users set disabled_at = created_at where id = @id", ("id", ana));
        }

        await PollAsync();

        await session.EndedOnce.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_page_that_was_closed_hears_nothing()
    {
        var ana = await database.Services.APersonAsync("Ana");
        var closed = await OpenAsync(ana);
        using var open = await OpenAsync(ana);
        closed.Dispose();
        Given.Succeed(await database.Get<SecurityService>().SignOutEverywhereAsync(ana));

        await PollAsync();

        await open.EndedOnce.WaitAsync(Patience);
        Assert.Equal(0, closed.Ended);
    }

    [Fact]
    public async Task The_database_is_asked_every_few_seconds()
    {
        using var session = new OpenPage(Sessions, await database.Services.APersonAsync("Ana"), "the stamp of another time");
        var poll = database.Services.GetServices<IHostedService>().OfType<SessionPoll>().Single();
        await poll.StartAsync(default);
        try
        {
            await session.EndedOnce.WaitAsync(Patience);
        }
        finally
        {
            await poll.StopAsync(default);
        }
    }

    private async Task<OpenPage> OpenAsync(string userId)
    {
        await using var connection = await database.OpenDirectAsync();
        var stamp = Assert.Single(await connection.ReadAsync("select security_stamp from users where id = @id", ("id", userId)));
        return new OpenPage(Sessions, userId, stamp);
    }

    private Task PollAsync() => ActivatorUtilities.CreateInstance<SessionPoll>(database.Services).PollAsync(default);

    private sealed class OpenPage : IDisposable
    {
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly IDisposable watch;
        private int count;

        public OpenPage(SessionWatch sessions, string userId, string stamp) => watch = sessions.Watch(userId, stamp, EndAsync);

        public int Ended => count;

        public Task EndedOnce => ended.Task;

        public void Dispose() => watch.Dispose();

        private Task EndAsync()
        {
            Interlocked.Increment(ref count);
            ended.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
