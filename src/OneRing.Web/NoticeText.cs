using OneRing.Data.Notices;

namespace OneRing.Web;

/// <summary>What people are told of, in a few words. Which draft it is stands beside them.</summary>
public static class NoticeText
{
    /// <summary>One notice.</summary>
    public static string For(NoticeView notice) => notice.Kind switch
    {
        NoticeKind.YourTurn => notice.ActorName is { } from ? $"The ring came to you from {from}" : "The ring came to you",
        NoticeKind.Reminder => notice.Detail switch
        {
            NoticeDetail.Half => "Half of your turn is over",
            NoticeDetail.Grace => "The time of your turn is up, and there is a little more for a last sentence",
            _ => "Your turn is nearly over",
        },
        NoticeKind.TurnOver => notice.Detail switch
        {
            NoticeDetail.Reclaimed => $"{notice.ActorName ?? "The owner"} has taken the ring back",
            NoticeDetail.PassedOn => "Your turn is over, and the ring has gone on: it comes to you again",
            _ when notice.ActorName is { } holder => $"The time of {holder}’s turn is up",
            _ => "The time of your turn is up",
        },
        NoticeKind.Asked => $"{notice.ActorName ?? "Somebody"} asks you for the ring",
        NoticeKind.Nudged => "The others would like to read on",
        NoticeKind.MoreTime => notice.Detail switch
        {
            NoticeDetail.Granted => "You have more time",
            NoticeDetail.Refused => "Your turn ends as planned",
            _ => $"{notice.ActorName ?? "The holder"} asks for more time",
        },
        NoticeKind.Invited => $"{notice.ActorName ?? "Somebody"} invites you",
        NoticeKind.Completed => "The text is finished",
        _ => throw new ArgumentOutOfRangeException(nameof(notice), notice.Kind, "There are no words for this notice."),
    };

    /// <summary>A kind of notices, in the words in which people choose among them.</summary>
    public static string For(NoticeKind kind) => kind switch
    {
        NoticeKind.YourTurn => "It is your turn",
        NoticeKind.Reminder => "Your turn will be over",
        NoticeKind.TurnOver => "A turn is over",
        NoticeKind.Asked => "Somebody asks you for the ring",
        NoticeKind.Nudged => "The others would like to read on",
        NoticeKind.MoreTime => "Somebody asks for more time, or you get it",
        NoticeKind.Invited => "You are invited to a draft",
        NoticeKind.Completed => "A draft is finished",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There are no words for this kind of notice."),
    };
}
