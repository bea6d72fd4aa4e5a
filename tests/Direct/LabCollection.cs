namespace P2PCopy.Tests.Direct;

/// <summary>Tests in network namespaces mostly wait, so one of them runs at a time, beside other tests.</summary>
[CollectionDefinition(nameof(LabCollection))]
public sealed class LabCollection;
