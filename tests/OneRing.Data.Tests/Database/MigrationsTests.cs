using Microsoft.EntityFrameworkCore;
using OneRing.Data.Database;

namespace OneRing.Data.Tests.Database;

/// <summary>What can be said of the migrations without a server.</summary>
public sealed class MigrationsTests
{
    [Fact]
    public void The_migrations_make_the_model()
    {
        using var db = new DesignTime().CreateDbContext([]);

        Assert.False(db.Database.HasPendingModelChanges());
    }
}
