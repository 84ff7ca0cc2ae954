using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Accounts;
using OneRing.Data.Database;

namespace OneRing.Data.Writing;

/// <summary>What kept a text from being added to its draft.</summary>
public enum ParkedBecause
{
    /// <summary>It was meant for a turn that had ended.</summary>
    StaleTurn,

    /// <summary>The ring had moved on.</summary>
    RingGone,

    Locked,
    Completed,
    Archived,
    Deleted,

    /// <summary>Its author had become a reader.</summary>
    RoleChanged,

    /// <summary>Its author had no part in the draft any more.</summary>
    Removed,

    /// <summary>Its author went on with another version of it.</summary>
    Replaced,
}

/// <summary>
/// What somebody has typed for a draft and not yet added. While they may write there, it is the text in their box: one per draft and
/// person. When something keeps it from being added, it is parked: it stays theirs, to copy, to use at a later turn, or to delete.
/// </summary>
internal sealed class WorkingText
{
    private WorkingText()
    {
    }

    public WorkingText(Guid draftId, Guid id, string userId, DateTimeOffset at)
    {
        DraftId = draftId;
        Id = id;
        UserId = userId;
        SavedAt = at;
    }

    public Guid DraftId { get; private set; }

    /// <summary>Made in the browser with the first word, so that what is sent late or twice finds its text again, parked or not.</summary>
    public Guid Id { get; private set; }

    public string UserId { get; private set; } = "";

    public string Content { get; private set; } = "";

    public int Words { get; private set; }

    /// <summary>Counts the changes. A change says on which revision it builds; on another, it is refused, and overwrites nothing.</summary>
    public int Revision { get; private set; }

    /// <summary>The browser, and the page in it, that wrote last.</summary>
    public string Page { get; private set; } = "";

    public DateTimeOffset SavedAt { get; private set; }

    public DateTimeOffset? ParkedAt { get; private set; }

    public ParkedBecause? ParkedBecause { get; private set; }

    /// <summary>The title that the draft had when the text was parked, if its author knew it: the draft may be gone by now.</summary>
    public string? DraftTitle { get; private set; }

    /// <summary>Replaces a stretch of the text.</summary>
    /// <returns>False if this does not build on the text as it is; nothing has changed then.</returns>
    public bool Splice(SaveWords change, DateTimeOffset at)
    {
        if (change.Base != Revision || change.Start + change.Remove > Content.Length
            || Content.Length - change.Remove + change.Insert.Length != change.Length)
        {
            return false;
        }

        Write(string.Concat(Content.AsSpan(0, change.Start), change.Insert, Content.AsSpan(change.Start + change.Remove)), change.Page, at);
        return true;
    }

    /// <summary>Puts another text in place of this one.</summary>
    public void Write(string content, string page, DateTimeOffset at)
    {
        Content = content;
        Words = Texts.Words(content);
        Page = page;
        Revision++;
        SavedAt = at;
    }

    public void Park(ParkedBecause because, string? draftTitle, DateTimeOffset at)
    {
        ParkedAt = at;
        ParkedBecause = because;
        DraftTitle = draftTitle;
    }
}

internal sealed class WorkingTextConfiguration : IEntityTypeConfiguration<WorkingText>
{
    public void Configure(EntityTypeBuilder<WorkingText> text)
    {
        text.ToTable("working_texts", table =>
        {
            table.HasLength("content", 0, Texts.LongestWorkingText);
            table.HasLength("page", 0, Texts.LongestPage);
            table.HasRule("words", "words >= 0");
            table.HasRule("revision", "revision >= 1");
            table.HasRule("parked", "(parked_at is null) = (parked_because is null)");
            table.HasNameOf<ParkedBecause, WorkingText>("parked_because");
        });
        // No foreign key to the draft: a text outlives a draft that its owner deletes.
        text.HasKey(t => new { t.DraftId, t.Id });
        text.Property(t => t.Id).ValueGeneratedNever();
        text.HasIndex(t => new { t.DraftId, t.UserId }).IsUnique().HasFilter("parked_at IS NULL");
        text.HasIndex(t => new { t.UserId, t.ParkedAt });
        text.HasOne<User>().WithMany().HasForeignKey(t => t.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
