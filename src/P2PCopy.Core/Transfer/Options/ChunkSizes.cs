namespace P2PCopy.Transfer.Options;

/// <summary>Bounds of the chunk size in bytes.</summary>
internal static class ChunkSizes
{
    public const int Smallest = 512 << 10;
    public const int Largest = 4 << 20;
}
