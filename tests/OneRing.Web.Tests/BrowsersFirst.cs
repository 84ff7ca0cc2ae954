using Xunit.Abstractions;

[assembly: TestCollectionOrderer("OneRing.Web.Tests.BrowsersFirst", "OneRing.Web.Tests")]

namespace OneRing.Web.Tests;

/// <summary>
/// The order of test classes: those with a browser first. They take longest and mostly wait, for pages, for servers that start, for networks that are
/// cut; the others are short, and fill what is left.
/// </summary>
public sealed class BrowsersFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections
        .OrderByDescending(collection => collection.DisplayName.Contains("Tests.Browser.", StringComparison.Ordinal))
        .ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);
}
