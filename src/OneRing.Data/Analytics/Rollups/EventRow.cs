using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;

namespace OneRing.Data.Analytics.Rollups;

/// <summary>An event with what sums are made of; only of the types that they are made of. It is read where a window cuts through what is summed.</summary>
/// <param name="ToId">To whom a ring was passed.</param>
/// <param name="Weight">What it weighs in momentum, see <see cref="MomentumWeights"/>.</param>
internal sealed record EventRow(
    EventType Type, DateTimeOffset OccurredAt, Guid DraftId, string? ActorId, Platform Platform, Chosen Chosen, string? ToId, int Words, int Slot, int Day, long Weight);

internal sealed class EventRowConfiguration : IEntityTypeConfiguration<EventRow>
{
    // Its query is SQL that differs between the databases; Provider has it.
    public void Configure(EntityTypeBuilder<EventRow> row) => row.HasNoKey();
}
