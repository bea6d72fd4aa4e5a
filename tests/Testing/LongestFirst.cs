using P2PCopy.Tests.Direct;
using P2PCopy.Tests.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace P2PCopy.Tests.Testing;

/// <summary>Begins with the collection that takes longest, so that it does not run on alone after all others.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection
        => [.. testCollections.OrderByDescending(c => c.TestCollectionDisplayName == nameof(LabCollection))];
}
