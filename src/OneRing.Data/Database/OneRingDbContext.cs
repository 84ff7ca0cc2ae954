using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using OneRing.Data.Accounts;
using OneRing.Data.Analytics;
using OneRing.Data.Analytics.Rollups;
using OneRing.Data.Drafts;
using OneRing.Data.Idempotency;
using OneRing.Data.Invites;
using OneRing.Data.Mail;
using OneRing.Data.Notices;
using OneRing.Data.Presences;
using OneRing.Data.Rings;
using OneRing.Data.Sharing;
using OneRing.Data.Writing;

namespace OneRing.Data.Database;

/// <summary>The one model of everything that is kept, in PostgreSQL or in memory.</summary>
internal sealed class OneRingDbContext : IdentityUserContext<User>, IDataProtectionKeyContext
{
    public OneRingDbContext(DbContextOptions<OneRingDbContext> options)
        : base(options) =>
        // A save that fails ends its transaction, so nobody returns to a savepoint. One would travel twice, and hide a line that
        // breaks while it is released: the commit then fails in a way that is not tried again.
        Database.AutoSavepointsEnabled = false;

    public DbSet<Draft> Drafts => Set<Draft>();

    public DbSet<Collaborator> Collaborators => Set<Collaborator>();

    public DbSet<Segment> Segments => Set<Segment>();

    public DbSet<RingPass> RingPasses => Set<RingPass>();

    public DbSet<Nudge> Nudges => Set<Nudge>();

    public DbSet<DraftVisit> DraftVisits => Set<DraftVisit>();

    public DbSet<Invite> Invites => Set<Invite>();

    public DbSet<InviteUse> InviteUses => Set<InviteUse>();

    public DbSet<PublicLink> PublicLinks => Set<PublicLink>();

    public DbSet<PublicVisit> PublicVisits => Set<PublicVisit>();

    public DbSet<WorkingText> WorkingTexts => Set<WorkingText>();

    public DbSet<RingWish> RingWishes => Set<RingWish>();

    public DbSet<Notice> Notices => Set<Notice>();

    public DbSet<NoticeSettings> NoticeSettings => Set<NoticeSettings>();

    public DbSet<Presence> Presences => Set<Presence>();

    public DbSet<AnalyticsEvent> AnalyticsEvents => Set<AnalyticsEvent>();

    public DbSet<EventsKept> EventsKept => Set<EventsKept>();

    public DbSet<UncountedEvent> UncountedEvents => Set<UncountedEvent>();

    public DbSet<EventRow> EventRows => Set<EventRow>();

    public DbSet<CountedDraft> CountedDrafts => Set<CountedDraft>();

    public DbSet<ActivitySlot> ActivitySlots => Set<ActivitySlot>();

    public DbSet<ActivityHour> ActivityHours => Set<ActivityHour>();

    public DbSet<PassDay> PassDays => Set<PassDay>();

    public DbSet<PassSlot> PassSlots => Set<PassSlot>();

    public DbSet<WriterSpan> WriterSpans => Set<WriterSpan>();

    public DbSet<WriterPart> WriterParts => Set<WriterPart>();

    public DbSet<WriterSlot> WriterSlots => Set<WriterSlot>();

    public DbSet<DraftSpan> DraftSpans => Set<DraftSpan>();

    public DbSet<DraftPart> DraftParts => Set<DraftPart>();

    public DbSet<DraftSlot> DraftSlots => Set<DraftSlot>();

    public DbSet<DraftWriter> DraftWriters => Set<DraftWriter>();

    public DbSet<ScoreSpan> ScoreSpans => Set<ScoreSpan>();

    public DbSet<RingHold> RingHolds => Set<RingHold>();

    public DbSet<HoldSpan> HoldSpans => Set<HoldSpan>();

    public DbSet<AccessToken> AccessTokens => Set<AccessToken>();

    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();

    public DbSet<OutboxMail> OutboxMails => Set<OutboxMail>();

    public DbSet<AuditEntry> AuditLog => Set<AuditEntry>();

    /// <summary>What encrypts cookies and signs links; in the database, so that every server reads what another wrote.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>The journey to the server that is under way, if several queries share one.</summary>
    internal OneTrip? Trip { get; set; }

    /// <summary>Whether a statement failed on the connection that is open (<see cref="RefusedStatements"/>).</summary>
    internal bool HasRefusedStatement { get; set; }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<Platform>().HaveConversion<EnumNameConverter<Platform>>();
        configurationBuilder.Properties<DraftStatus>().HaveConversion<EnumNameConverter<DraftStatus>>();
        configurationBuilder.Properties<Role>().HaveConversion<EnumNameConverter<Role>>();
        configurationBuilder.Properties<InviteState>().HaveConversion<EnumNameConverter<InviteState>>();
        configurationBuilder.Properties<Chosen>().HaveConversion<EnumNameConverter<Chosen>>();
        configurationBuilder.Properties<Strategy>().HaveConversion<EnumNameConverter<Strategy>>();
        configurationBuilder.Properties<OnExpiry>().HaveConversion<EnumNameConverter<OnExpiry>>();
        configurationBuilder.Properties<ClockStep>().HaveConversion<EnumNameConverter<ClockStep>>();
        configurationBuilder.Properties<MoreTime>().HaveConversion<EnumNameConverter<MoreTime>>();
        configurationBuilder.Properties<NoticeKind>().HaveConversion<EnumNameConverter<NoticeKind>>();
        configurationBuilder.Properties<MailKind>().HaveConversion<EnumNameConverter<MailKind>>();
        configurationBuilder.Properties<Act>().HaveConversion<EnumNameConverter<Act>>();
        configurationBuilder.Properties<ParkedBecause>().HaveConversion<EnumNameConverter<ParkedBecause>>();
        configurationBuilder.Properties<EventType>().HaveConversion<string>();
        // An index is there because a query needs it, not because there is a foreign key.
        configurationBuilder.Conventions.Remove<ForeignKeyIndexConvention>();
        Provider.ConfigureConventions(Database, configurationBuilder);
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<IdentityUserClaim<string>>().ToTable("user_claims").HasIndex(claim => claim.UserId);
        builder.Entity<IdentityUserLogin<string>>().ToTable("user_logins").HasIndex(login => login.UserId);
        builder.Entity<IdentityUserToken<string>>().ToTable("user_tokens");
        builder.Entity<IdentityUserPasskey<string>>().ToTable("user_passkeys").HasIndex(passkey => passkey.UserId);
        builder.Entity<DataProtectionKey>().ToTable("data_protection_keys");
        // Named before anything of ours points at it, because the names of foreign keys are made from it; and after Identity's own
        // tables, whose keys keep the names that they have had from the start.
        builder.Entity<User>().ToTable("users");
        builder.ApplyConfigurationsFromAssembly(typeof(OneRingDbContext).Assembly);
        Provider.ConfigureModel(Database, builder);
    }
}
