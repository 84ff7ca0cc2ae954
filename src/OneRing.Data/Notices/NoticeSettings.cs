using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;
using OneRing.Data.Accounts;
using OneRing.Data.Database;
using OneRing.Data.Rings;

namespace OneRing.Data.Notices;

/// <summary>What a person is told by mail and by the browser, and when. Whoever has never chosen has no row, and is told everything as it happens.</summary>
internal sealed class NoticeSettings(string userId)
{
    private const char Comma = ',';

    public string UserId { get; private set; } = userId;

    /// <summary>The kinds that they do not want, by name, with commas between.</summary>
    public string KindsOff { get; private set; } = "";

    /// <summary>At which hour of their day one mail tells them everything; null for a mail each.</summary>
    public int? DigestHour { get; private set; }

    /// <summary>When the hours begin in which no mail is sent; null without any. They are those of the person's time zone.</summary>
    public TimeOnly? QuietFrom { get; private set; }

    /// <summary>When they end; earlier than their beginning if they go over midnight.</summary>
    public TimeOnly? QuietTo { get; private set; }

    private RestTimes Quiet => new(RestDays.None, QuietFrom, QuietTo);

    public IReadOnlyList<NoticeKind> ListKindsOff() =>
        [.. KindsOff.Split(Comma, StringSplitOptions.RemoveEmptyEntries).Select(EnumNames.ValueOf<NoticeKind>)];

    public bool Wants(NoticeKind kind) => !ListKindsOff().Contains(kind);

    public bool IsQuietAt(DateTimeOffset now, DateTimeZone zone) => Quiet.Next(now, zone) > now;

    /// <summary>From when on a notice is mailed: the hour of the digest, which they chose for being told, else as soon as it is not quiet.</summary>
    public DateTimeOffset MailAt(DateTimeOffset noticedAt, DateTimeOffset now, DateTimeZone zone) =>
        DigestHour is { } hour ? NextHour(hour, noticedAt, zone) : Quiet.Next(now, zone);

    public Refusal? Choose(NoticeChoices choices)
    {
        if (choices.DigestHour is < 0 or > 23 || !(Quiet with { From = choices.QuietFrom, To = choices.QuietTo }).LeavesTime)
        {
            return Refusal.NoticeHoursInvalid;
        }

        SwitchOff(choices.KindsOff, butNotOthers: true);
        (DigestHour, QuietFrom, QuietTo) = (choices.DigestHour, choices.QuietFrom, choices.QuietTo);
        return null;
    }

    public void SwitchOff(IEnumerable<NoticeKind> kinds, bool butNotOthers = false) =>
        KindsOff = string.Join(Comma, kinds.Union(butNotOthers ? [] : ListKindsOff()).Order().Select(EnumNames.NameOf));

    private static DateTimeOffset NextHour(int hour, DateTimeOffset since, DateTimeZone zone)
    {
        DateTimeOffset On(LocalDate date) => date.At(new LocalTime(hour, 0)).InZoneLeniently(zone).ToDateTimeOffset();
        var day = Instant.FromDateTimeOffset(since).InZone(zone).Date;
        return (On(day) is var today && today >= since ? today : On(day.PlusDays(1))).ToUniversalTime();
    }
}

internal sealed class NoticeSettingsConfiguration : IEntityTypeConfiguration<NoticeSettings>
{
    public void Configure(EntityTypeBuilder<NoticeSettings> settings)
    {
        settings.ToTable("notice_settings", table =>
        {
            table.HasRule("digest_hour", "digest_hour between 0 and 23");
            table.HasRule("quiet", "(quiet_from is null) = (quiet_to is null)");
        });
        settings.HasKey(s => s.UserId);
        settings.HasOne<User>().WithOne().HasForeignKey<NoticeSettings>(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
