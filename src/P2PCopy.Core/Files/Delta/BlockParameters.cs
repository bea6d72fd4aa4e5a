using System.Numerics;

namespace P2PCopy.Files.Delta;

/// <summary>How a file is cut into blocks. It follows from the offered length, so both sides compute it.</summary>
/// <param name="SizeLog2">The binary logarithm of the average size of a block.</param>
internal readonly record struct BlockParameters(int SizeLog2)
{
    /// <summary>Shorter files are not compared, because they are sent in less time than a comparison takes.</summary>
    public const long LeastLength = 64 * 1024;

    /// <summary>Approximate number of blocks in a file of up to 16 TiB.</summary>
    public const int MostBlocks = 1 << 18;

    private const int SmallestLog2 = 16;
    private const int LargestLog2 = 26;

    /// <summary>64 KiB for files up to 16 GiB, then a size that keeps the list short: 4 MiB for 1 TiB.</summary>
    /// <param name="length">Bytes of the offered file.</param>
    public static BlockParameters For(long length)
    {
        int needed = length <= MostBlocks ? 0 : BitOperations.Log2((ulong)((length - 1) / MostBlocks)) + 1;
        return new BlockParameters(Math.Clamp(needed, SmallestLog2, LargestLog2));
    }

    /// <summary>The average size of a block.</summary>
    public int Size => 1 << SizeLog2;

    /// <summary>
    /// Bytes of the shortest block, 16 KiB or more. Answers about shorter blocks would let a sender guess unknown content.
    /// </summary>
    public int Least => Size / 4;

    /// <summary>A block ends after this many bytes, whatever its content.</summary>
    public int Most => Size * 4;

    /// <summary>Bytes of the longest block: the last one of a file includes a remainder that is shorter than <see cref="Least"/>.</summary>
    public int Longest => Most + Least - 1;
}
