using OneRing.Data;

namespace OneRing.Data.Tests;

public sealed class NewIdTests
{
    [Fact]
    public void Ids_are_in_the_order_in_which_they_were_made()
    {
        var ids = Enumerable.Range(0, 20_000).Select(_ => NewId.Next()).ToList();

        // As text, as PostgreSQL and SQLite compare them.
        Assert.Equal(ids.Select(id => id.ToString()).Order(StringComparer.Ordinal), ids.Select(id => id.ToString()));
        Assert.All(ids, id => Assert.Equal(7, id.Version));
    }

    [Fact]
    public async Task Those_that_are_made_at_once_are_all_different()
    {
        var made = await Race.AtOnceAsync(8, _ => Task.FromResult(Enumerable.Range(0, 5_000).Select(_ => NewId.Next()).ToList()));

        Assert.Equal(40_000, made.SelectMany(ids => ids).Distinct().Count());
        Assert.All(made, ids => Assert.Equal(ids.Order(), ids));
    }
}
