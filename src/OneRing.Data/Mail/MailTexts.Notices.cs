using NodaTime;
using NodaTime.Text;
using OneRing.Data.Drafts;
using OneRing.Data.Notices;

namespace OneRing.Data.Mail;

/// <summary>What a notice tells, as it is when the mail leaves.</summary>
/// <param name="Detail">What of a turn it is about: one of <see cref="NoticeDetail"/>. The role of an invite.</param>
/// <param name="Actor">The name of whoever has caused it, if somebody has.</param>
/// <param name="IsTheirs">Whether the turn that it is about is that of the person who is told.</param>
/// <param name="EndsAt">When the present turn ends, in their time zone, if it does.</param>
internal sealed record News(NoticeKind Kind, string Detail, string Title, string? Actor, bool IsTheirs, ZonedDateTime? EndsAt, string Link)
{
    public string Title { get; } = Letter.InOneLine(Title);

    public string? Actor { get; } = Actor is null ? null : Letter.InOneLine(Actor);

    public string By => Actor ?? "Somebody";
}

internal static partial class MailTexts
{
    private static readonly ZonedDateTimePattern Moment = ZonedDateTimePattern.CreateWithInvariantCulture("dddd d MMMM, HH:mm '('z')'", zoneProvider: null);

    public static Letter Notice(string to, string name, News news)
    {
        var (subject, sentence) = Words(news);
        return new(
            to,
            subject,
            $"""
            Hello {name},

            {sentence}

            {news.Link}

            OneRing
            """);
    }

    public static Letter Digest(string to, string name, IReadOnlyList<News> news) => new(
        to,
        news is [var only] ? Words(only).Subject : $"“{news[0].Title}” and more: {news.Count} things on OneRing",
        $"""
        Hello {name},

        this is what happened around your drafts:

        {string.Join("\n\n", news.Select(one => $"{Capital(Words(one).Sentence)}\n{one.Link}"))}

        OneRing
        """);

    public static Letter WithWayOut(Letter letter, string unsubscribe, string settings) => letter with
    {
        Body = $"""
            {letter.Body}

            --
            What you are told by mail, and when: {settings}
            No more mails like this one: {unsubscribe}
            """,
        Unsubscribe = unsubscribe,
    };

    private static (string Subject, string Sentence) Words(News news) => (news.Kind, news.Detail) switch
    {
        (NoticeKind.YourTurn, _) => ($"Your turn in “{news.Title}”", $"the ring of “{news.Title}” is yours: it is your turn to write.{End(news)}"),
        (NoticeKind.Reminder, NoticeDetail.Half) => ($"Half of your turn in “{news.Title}” is over", $"half of your turn in “{news.Title}” is over.{End(news)}"),
        (NoticeKind.Reminder, NoticeDetail.Grace) => (
            $"A little more time in “{news.Title}”",
            $"the time of your turn in “{news.Title}” is up, and there is a little more for a last sentence. Or pass the ring on: it comes back to you."),
        (NoticeKind.Reminder, _) => ($"Your turn in “{news.Title}” ends soon", $"your turn in “{news.Title}” is nearly over.{End(news)} A sentence is enough."),
        (NoticeKind.TurnOver, NoticeDetail.Reclaimed) => (
            $"{news.By} has taken back the ring of “{news.Title}”", $"{news.By} has taken back the ring of “{news.Title}”. It comes to you again."),
        (NoticeKind.TurnOver, _) when news.Actor is not null => (
            $"A turn in “{news.Title}” is over", $"the time of {news.Actor}'s turn in “{news.Title}” is up. You may take the ring back, or leave it where it is."),
        (NoticeKind.TurnOver, _) when news.IsTheirs => (
            $"The time of your turn in “{news.Title}” is up", $"the time of your turn in “{news.Title}” is up, and the ring is still with you. Add a sentence, or pass it on."),
        (NoticeKind.TurnOver, _) => (
            $"Your turn in “{news.Title}” is over", $"your turn in “{news.Title}” is over, and the ring has gone on. It comes to you again. What you have not added is kept for you."),
        (NoticeKind.Asked, _) => ($"{news.By} asks for the ring of “{news.Title}”", $"{news.By} asks for the ring of “{news.Title}”, which you hold. Pass it on when you are ready."),
        (NoticeKind.Nudged, _) => ($"The others would like to read on in “{news.Title}”", $"you hold the ring of “{news.Title}”, and the others would like to read on. A sentence is enough, or pass it on: it comes back to you."),
        (NoticeKind.MoreTime, NoticeDetail.Asked) => (
            $"{news.By} asks for more time in “{news.Title}”", $"{news.By} asks for more time in “{news.Title}”, and gets it if nobody objects within an hour."),
        (NoticeKind.MoreTime, NoticeDetail.Granted) => ($"You have more time in “{news.Title}”", $"you have more time for your turn in “{news.Title}”.{End(news)}"),
        (NoticeKind.MoreTime, _) => ($"Your turn in “{news.Title}” ends as planned", $"{news.By} would like your turn in “{news.Title}” to end as planned.{End(news)}"),
        (NoticeKind.Invited, _) => (
            $"{news.By} invites you to “{news.Title}”",
            $"{news.By} invites you to {(news.Detail == EnumNames.NameOf(Role.Writer) ? "write" : "read along")}: “{news.Title}”. Say yes or no, or leave it: the invite runs out by itself."),
        (NoticeKind.Completed, _) => ($"“{news.Title}” is finished", $"“{news.Title}” is finished. Read it from its first word to its last."),
        _ => throw new ArgumentOutOfRangeException(nameof(news), news.Kind, "There are no words for this notice."),
    };

    private static string Capital(string sentence) => char.ToUpperInvariant(sentence[0]) + sentence[1..];

    private static string End(News news) => news.EndsAt is { } end ? $" It ends on {Moment.Format(end)}." : "";
}
