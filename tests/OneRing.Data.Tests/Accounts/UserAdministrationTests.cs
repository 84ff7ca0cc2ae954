using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Tests;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Accounts;

public sealed class UserAdministrationTests_InMemory(InMemory database) : UserAdministrationTests(database), IClassFixture<InMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class UserAdministrationTests_Postgres(Postgres database) : UserAdministrationTests(database), IClassFixture<Postgres>;

public abstract class UserAdministrationTests(TestDatabase database)
{
    private UserAdministration Users => database.Get<UserAdministration>();

    [Fact]
    public async Task Each_act_is_in_the_audit_log_with_who_what_when_and_from_where()
    {
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        var ben = await database.Services.APersonAsync("Ben");
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);

        foreach (var act in Enum.GetValues<Act>())
        {
            Given.Succeed(await Users.ActAsync(new UserAct(admin, ben, act, "192.0.2.7")));
        }

        var log = Given.Succeed(await Users.ReadAuditLogAsync(admin, page: 0)).Items.Where(line => line.Handle.StartsWith("ben_", StringComparison.Ordinal)).Take(5).ToList();
        var handle = await database.Services.HandleOfAsync(ben);
        Assert.Equal(Enum.GetValues<Act>().Reverse(), log.Select(line => line.Act));
        Assert.All(log, line => Assert.Equal((handle, "192.0.2.7"), (line.Handle, line.FromAddress)));
        Assert.Equal(await database.Services.HandleOfAsync(admin), log[0].Actor);
        Assert.All(log, line => Assert.InRange(line.At, before, DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task Acts_within_one_millisecond_are_listed_in_their_order()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = database.BuildServices(clock);
        await server.PrepareDatabaseAsync();
        var admin = await server.APersonAsync("Ada", isAdmin: true);
        var ben = await server.APersonAsync("Ben");
        var users = server.GetRequiredService<UserAdministration>();
        var acts = Enumerable.Repeat((Act[])[Act.Disabled, Act.Enabled], 10).SelectMany(pair => pair).ToList();

        foreach (var act in acts)
        {
            clock.Advance(TimeSpan.FromMicroseconds(10));
            Given.Succeed(await users.ActAsync(new UserAct(admin, ben, act, "here")));
        }

        var handle = await server.HandleOfAsync(ben);
        var log = Given.Succeed(await users.ReadAuditLogAsync(admin, page: 0)).Items.Where(line => line.Handle == handle);
        Assert.Equal(Enumerable.Reverse(acts), log.Select(line => line.Act));
    }

    [Fact]
    public async Task The_database_refuses_to_change_or_delete_a_line_of_the_audit_log()
    {
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        var ben = await database.Services.APersonAsync("Ben");
        Given.Succeed(await Users.ActAsync(new UserAct(admin, ben, Act.SignedOut, "here")));
        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => db.AuditLog.Where(e => e.UserId == ben).ExecuteUpdateAsync(set => set.SetProperty(e => e.FromAddress, "elsewhere")));
        await Assert.ThrowsAnyAsync<Exception>(() => db.AuditLog.Where(e => e.UserId == ben).ExecuteDeleteAsync());

        Assert.Equal("here", (await db.AuditLog.AsNoTracking().SingleAsync(e => e.UserId == ben)).FromAddress);
    }

    [Fact]
    public async Task What_is_so_already_is_not_logged_again()
    {
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        var ben = await database.Services.APersonAsync("Ben");

        for (var i = 0; i < 3; i++)
        {
            Given.Succeed(await Users.ActAsync(new UserAct(admin, ben, Act.Disabled, "here")));
        }
        Given.Succeed(await Users.ActAsync(new UserAct(admin, ben, Act.UnmadeAdmin, "here")));

        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        Assert.Equal(1, await db.AuditLog.CountAsync(e => e.UserId == ben));
    }

    [Fact]
    public async Task Nobody_but_an_admin_acts_or_looks()
    {
        var ben = await database.Services.APersonAsync("Ben");
        var cleo = await database.Services.APersonAsync("Cleo");
        var former = await database.Services.APersonAsync("Former", isAdmin: true);
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        Given.Succeed(await Users.ActAsync(new UserAct(admin, former, Act.Disabled, "here")));

        foreach (var who in (string[])[ben, former, "nobody"])
        {
            foreach (var act in Enum.GetValues<Act>())
            {
                Assert.Equal(Refusal.Forbidden, (await Users.ActAsync(new UserAct(who, cleo, act, "here"))).Refusal);
            }
            Assert.Equal(Refusal.Forbidden, (await Users.ListAsync(who, search: null, page: 0)).Refusal);
            Assert.Equal(Refusal.Forbidden, (await Users.ReadAuditLogAsync(who, page: 0)).Refusal);
        }
        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        Assert.False(await db.AuditLog.AnyAsync(e => e.UserId == cleo));
    }

    [Fact]
    public async Task Of_two_admins_who_unmake_or_disable_each_other_at_once_one_stays()
    {
        for (var round = 0; round < 6; round++)
        {
            await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
            await db.Users.ExecuteUpdateAsync(set => set.SetProperty(u => u.IsAdmin, false));
            await db.DisposeAsync();
            var two = new[] { await database.Services.APersonAsync("Ada", isAdmin: true), await database.Services.APersonAsync("Adam", isAdmin: true) };

            var results = await Race.AtOnceAsync(2, i => Users.ActAsync(new UserAct(two[i], two[1 - i], i == 0 ? Act.UnmadeAdmin : Act.Disabled, "here")));

            Assert.Single(results, result => result.Succeeded);
            var last = results[0].Succeeded ? two[0] : two[1];
            Assert.Equal(Refusal.LastAdmin, (await Users.ActAsync(new UserAct(last, last, Act.UnmadeAdmin, "here"))).Refusal);
            Assert.Equal(Refusal.LastAdmin, (await Users.ActAsync(new UserAct(ActorId: null, last, Act.Disabled, "here"))).Refusal);
        }
    }

    [Fact]
    public async Task Disabling_ends_every_sign_in_and_enabling_brings_none_back()
    {
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        var ben = await database.Services.APersonAsync("Ben");
        var before = await StampAsync(ben);

        Given.Succeed(await Users.ActAsync(new UserAct(admin, ben, Act.Disabled, "here")));
        Assert.Null(await database.Get<AccountService>().FindAsync(ben));
        Given.Succeed(await Users.ActAsync(new UserAct(admin, ben, Act.Enabled, "here")));

        Assert.NotNull(await database.Get<AccountService>().FindAsync(ben));
        var between = await StampAsync(ben);
        Assert.NotEqual(before, between);
        Given.Succeed(await Users.ActAsync(new UserAct(admin, ben, Act.SignedOut, "here")));
        Assert.NotEqual(between, await StampAsync(ben));
    }

    [Fact]
    public async Task Accounts_are_found_by_handle_and_name_and_come_in_pages()
    {
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);
        var mark = $"z{Guid.NewGuid():N}"[..12];
        var accounts = database.Get<AccountService>();
        for (var i = 0; i <= UserAdministration.PageLength; i++)
        {
            Given.Succeed(await accounts.SignUpAsync(new SignUp($"{mark}_{i:000}", $"Number {mark.ToUpperInvariant()}", Password: null)));
        }

        var first = Given.Succeed(await Users.ListAsync(admin, $" @{mark.ToUpperInvariant()}", page: 0));
        var second = Given.Succeed(await Users.ListAsync(admin, mark, page: 1));

        Assert.Equal(UserAdministration.PageLength, first.Items.Count);
        Assert.Equal(("1", null), (first.NextCursor, second.NextCursor));
        Assert.Equal($"{mark}_000", first.Items[0].Handle);
        Assert.Equal($"{mark}_050", Assert.Single(second.Items).Handle);
        Assert.Single(Given.Succeed(await Users.ListAsync(admin, $"{mark}_007", page: 0)).Items);
        Assert.Empty(Given.Succeed(await Users.ListAsync(admin, $"{mark}\0", page: 0)).Items);
        Assert.Empty(Given.Succeed(await Users.ListAsync(admin, "%", page: 0)).Items);
    }

    [Fact]
    public async Task An_account_that_is_not_there_is_told()
    {
        var admin = await database.Services.APersonAsync("Ada", isAdmin: true);

        foreach (var act in Enum.GetValues<Act>())
        {
            Assert.Equal(Refusal.UserUnknown, (await Users.ActAsync(new UserAct(admin, "nobody", act, "here"))).Refusal);
        }
    }

    private async Task<string?> StampAsync(string userId)
    {
        await using var db = await database.Get<IDbContextFactory<OneRingDbContext>>().CreateDbContextAsync();
        return (await db.Users.AsNoTracking().SingleAsync(u => u.Id == userId)).SecurityStamp;
    }
}
