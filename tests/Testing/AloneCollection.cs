namespace P2PCopy.Tests.Testing;

/// <summary>Tests that measure the whole process run while no other test does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
