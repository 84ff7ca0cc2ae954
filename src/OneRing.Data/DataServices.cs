using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Audit;
using OneRing.Data.Database;
using OneRing.Data.Drafts;
using OneRing.Data.Feed;
using OneRing.Data.Idempotency;
using OneRing.Data.Invites;
using OneRing.Data.Mail;
using OneRing.Data.Notices;
using OneRing.Data.Presences;
using OneRing.Data.Rings;
using OneRing.Data.Sharing;
using OneRing.Data.Writing;

namespace OneRing.Data;

/// <summary>The way in: what the product knows and does, ready to be injected.</summary>
public static class DataServices
{
    /// <summary>Adds every service, over PostgreSQL if the configuration names one, else over a database in memory.</summary>
    /// <exception cref="InvalidOperationException">The configuration of the database, of mail or of how long events are kept cannot be read.</exception>
    public static IServiceCollection AddOneRingData(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = DatabaseSettings.Read(configuration);
        services.AddSingleton(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IInterceptor, OneTrip.Interceptor>();
        services.AddSingleton<IInterceptor, RefusedStatements>();
        services.AddSingleton<MailBell>();
        services.AddSingleton<IInterceptor>(provider => provider.GetRequiredService<MailBell>());
        if (settings.IsInMemory)
        {
            services.AddSingleton<InMemoryDatabase>();
            services.AddSingleton<IInterceptor>(provider => provider.GetRequiredService<InMemoryDatabase>());
        }
        services.AddPooledDbContextFactory<OneRingDbContext>((provider, options) =>
        {
            Provider.Use(options, settings);
            options.AddInterceptors(provider.GetServices<IInterceptor>());
        });
        services.TryAddScoped(provider => provider.GetRequiredService<IDbContextFactory<OneRingDbContext>>().CreateDbContext());

        services.AddIdentityCore<User>(identity =>
            {
                identity.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
                identity.User.AllowedUserNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_";
                identity.Password.RequiredLength = PasswordRules.Shortest;
                identity.Password.RequireDigit = false;
                identity.Password.RequireLowercase = false;
                identity.Password.RequireUppercase = false;
                identity.Password.RequireNonAlphanumeric = false;
                identity.Password.RequiredUniqueChars = 4;
            })
            .AddEntityFrameworkStores<OneRingDbContext>()
            .AddUserStore<UserStore>()
            .AddPasswordValidator<PasswordRules>()
            .AddDefaultTokenProviders();
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = PasswordRules.Rounds);
        services.AddDataProtection().SetApplicationName("OneRing").PersistKeysToDbContext<OneRingDbContext>();

        services.AddSingleton<DatabasePreparation>();
        services.AddSingleton<DraftMemory>();
        services.AddSingleton<DraftCommands>();
        services.AddSingleton(Make((contexts, provider) => new DraftFeed(contexts, Time(provider), provider.GetRequiredService<ILogger<DraftFeed>>())));
        services.AddSingleton(Make((contexts, provider) => new DraftService(contexts, Commands(provider), Time(provider))));
        services.AddSingleton(Make((_, provider) => new CollaboratorService(Commands(provider))));
        services.AddSingleton(Make((contexts, provider) => new RingService(contexts, Commands(provider), Time(provider))));
        services.AddSingleton(Make((_, provider) => new TurnService(Commands(provider))));
        services.AddSingleton(Make((contexts, provider) => new WaitingService(contexts, Time(provider))));
        services.AddSingleton(Make((contexts, provider) => new NoticeService(contexts, Time(provider))));
        services.AddSingleton(Make((contexts, provider) => new AbsenceService(contexts, provider.GetRequiredService<DraftFeed>(), Time(provider))));
        services.AddSingleton<TurnKeeper>();
        services.AddSingleton(Make((contexts, provider) => new WorkingTextService(contexts, provider.GetRequiredService<DraftFeed>(), Time(provider))));
        services.AddSingleton(Make((contexts, provider) => new PresenceService(
            contexts, provider.GetRequiredService<DraftFeed>(), Time(provider), provider.GetRequiredService<ILogger<PresenceService>>())));
        services.AddSingleton(Make((contexts, provider) => new InviteService(contexts, Commands(provider), Time(provider))));
        services.AddSingleton(Make((contexts, provider) =>
            new SharingService(contexts, Commands(provider), provider.GetRequiredService<IDataProtectionProvider>(), Time(provider))));
        services.AddSingleton(Make((contexts, provider) => new IdempotencyService(contexts, Time(provider))));
        services.AddSingleton(Make((contexts, _) => new EventStore(contexts)));
        services.AddSingleton<EventCounter>();
        services.AddSingleton(RetentionSettings.Read(configuration));
        services.AddSingleton<EventRetention>();
        services.AddSingleton(Make((contexts, provider) => new AnalyticsService(contexts, provider.GetRequiredService<EventCounter>(), Time(provider))));
        services.AddSingleton(Make((contexts, provider) => new DraftAnalyticsService(contexts, Time(provider))));
        services.AddSingleton(Make((contexts, provider) => new PersonalAnalyticsService(contexts, provider.GetRequiredService<EventCounter>(), Time(provider))));
        services.AddSingleton(Make((contexts, provider) => new LeaderboardService(contexts, provider.GetRequiredService<EventCounter>(), Time(provider))));
        services.AddSingleton(Make((contexts, provider) => new AccountService(provider.GetRequiredService<IServiceScopeFactory>(), contexts, Time(provider))));
        services.AddSingleton(Make((contexts, provider) => new AccessTokenService(contexts, Time(provider))));

        services.AddSingleton<Credentials>();
        services.AddSingleton(Make((contexts, provider) => new SignInService(contexts, provider.GetRequiredService<Credentials>())));
        services.AddSingleton(Make((contexts, provider) => new SecurityService(
            provider.GetRequiredService<IServiceScopeFactory>(), contexts, provider.GetRequiredService<Credentials>(), Time(provider))));

        services.AddSingleton(Make((contexts, provider) => new AccountDeletion(
            contexts, provider.GetRequiredService<Credentials>(), provider.GetRequiredService<DraftFeed>(), Time(provider))));
        services.AddSingleton(Make((contexts, _) => new PersonalData(contexts)));
        services.AddSingleton(provider => new SessionWatch(provider.GetRequiredService<ILogger<SessionWatch>>()));

        services.AddSingleton(Make((contexts, provider) => new DatabaseAudit(contexts, Time(provider))));
        services.AddSingleton(Make((contexts, provider) => new UserAdministration(contexts, provider.GetRequiredService<DraftFeed>(), Time(provider))));
        services.AddSingleton<Demo.DemoService>();

        var mail = MailSettings.Read(configuration);
        services.AddSingleton(mail);
        services.AddSingleton<UnsubscribeLinks>();
        services.AddSingleton<NoticeLetters>();
        services.AddSingleton(Make((contexts, provider) => new NoticeSettingsService(contexts, provider.GetRequiredService<UnsubscribeLinks>(), Time(provider))));
        services.AddSingleton<MailWriter>();
        services.AddSingleton<IMailTransport>(_ => mail.Host is { } host ? new SmtpTransport(host, mail) : new FolderTransport(mail));
        services.AddHostedService<MailSender>();
        services.AddSingleton<NoticeMailer>();
        services.AddHostedService(provider => provider.GetRequiredService<NoticeMailer>());

        services.AddHostedService<Upkeep>();
        services.AddHostedService<RollupJob>();
        services.AddHostedService<SessionPoll>();
        services.AddHostedService(provider => provider.GetRequiredService<TurnKeeper>());
        if (!settings.IsInMemory)
        {
            services.AddHostedService<PostgresDraftRelay>();
            services.AddHostedService<DraftPoll>();
        }
        services.AddHostedService<Rehearsal>();
        // Last, so that it stops first: the relay then still tells the others that the people of this server are gone.
        services.AddHostedService<Heartbeat>();
        return services;
    }

    /// <summary>Makes the database ready for this program: tables, migrations, partitions. Several servers may do so at once.</summary>
    /// <exception cref="DatabaseUnusableException">It cannot be reached, or is not ours.</exception>
    public static Task PrepareDatabaseAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<DatabasePreparation>().PrepareAsync(cancellationToken);

    /// <summary>Throws away everything that is kept, and makes the database anew.</summary>
    public static Task ResetDatabaseAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<DatabasePreparation>().ResetAsync(cancellationToken);

    /// <summary>Throws the sums away that figures over all drafts are read from, and counts every event anew. Answers how many there were.</summary>
    public static Task<int> CountEventsAnewAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<EventCounter>().CountAnewAsync(cancellationToken);

    /// <summary>Does what is due of all turns, as a server does by itself every second. Answers for how many drafts there was something to do.</summary>
    public static Task<int> KeepTurnsAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<TurnKeeper>().KeepAllAsync(cancellationToken);

    /// <summary>Whether the database answers and has the schema of this program.</summary>
    public static Task<bool> IsDatabaseReadyAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<DatabasePreparation>().IsReadyAsync(cancellationToken);

    // The context stays inside this assembly, so the constructors that take it are internal, which the container cannot call.
    private static Func<IServiceProvider, T> Make<T>(Func<IDbContextFactory<OneRingDbContext>, IServiceProvider, T> make) =>
        provider => make(provider.GetRequiredService<IDbContextFactory<OneRingDbContext>>(), provider);

    private static DraftCommands Commands(IServiceProvider provider) => provider.GetRequiredService<DraftCommands>();

    private static TimeProvider Time(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();
}
