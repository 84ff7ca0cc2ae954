namespace OneRing.Web.Components.Shared;

/// <summary>What pages write to the log: ids, never texts.</summary>
internal static partial class PageLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "An action on a page failed")]
    public static partial void ActionFailed(ILogger logger, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "The page of draft {DraftId} could not be refreshed")]
    public static partial void DraftNotRefreshed(ILogger logger, Guid draftId, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "A visit to draft {DraftId} could not be recorded")]
    public static partial void VisitNotRecorded(ILogger logger, Guid draftId, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Who is at draft {DraftId} could not be told or read")]
    public static partial void PresenceNotRead(ILogger logger, Guid draftId, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "A list on a page could not be refreshed")]
    public static partial void ListNotRefreshed(ILogger logger, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "The figures could not be read")]
    public static partial void FiguresNotRead(ILogger logger, Exception fault);
}
