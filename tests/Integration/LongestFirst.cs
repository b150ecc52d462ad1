using EdgeInference.Integration.Tests.Packaging;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("EdgeInference.Integration.Tests.LongestFirst", "EdgeInference.Integration.Tests")]

namespace EdgeInference.Integration.Tests;

/// <summary>What is made of the packages takes minutes, one after the other: it begins at once, and the rest runs beside it.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(static collection => collection.DisplayName == PackagesOnce.Name);
}
