using OneRing.Data.Notices;

namespace OneRing.Web;

/// <summary>Kinds of notices in the words in which people choose among them.</summary>
public static class NoticeText
{
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
