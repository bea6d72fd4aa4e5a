using System.Numerics;

namespace P2PCopy.Files.Delta;

/// <summary>How a file is cut into blocks. Both sides must cut alike, so it travels with a block list.</summary>
/// <param name="Rule">Where blocks end.</param>
/// <param name="SizeLog2">The binary logarithm of a block's size, on the average for content-defined ones.</param>
internal readonly record struct BlockParameters(BlockRule Rule, int SizeLog2)
{
    /// <summary>Shorter files are not worth asking about: they travel whole in less than the answer takes.</summary>
    public const long LeastLength = 64 * 1024;

    /// <summary>About this many blocks at most, whatever the size of the file.</summary>
    public const int MostBlocks = 1 << 18;

    private const int SmallestLog2 = 14;
    private const int UsualLog2 = 16;
    private const int LargestLog2 = 26;
    private const long SmallFile = 16 << 20;

    /// <summary>16 KiB for files up to 16 MiB, 64 KiB up to 16 GiB, then as large as keeps the list bounded: 4 MiB for 1 TiB.</summary>
    /// <param name="rule">Where blocks end.</param>
    /// <param name="length">Bytes of the longer of the two files.</param>
    public static BlockParameters For(BlockRule rule, long length)
    {
        int usual = length <= SmallFile ? SmallestLog2 : UsualLog2;
        int needed = length <= MostBlocks ? 0 : BitOperations.Log2((ulong)((length - 1) / MostBlocks)) + 1;
        return new BlockParameters(rule, Math.Clamp(Math.Max(usual, needed), SmallestLog2, LargestLog2));
    }

    /// <summary>True for what <see cref="For"/> can have made; a peer may say anything.</summary>
    public bool IsValid => Rule is BlockRule.Fixed or BlockRule.ContentDefined && SizeLog2 is >= SmallestLog2 and <= LargestLog2;

    /// <summary>Bytes of a fixed block; the size a content-defined one tends to.</summary>
    public int Size => 1 << SizeLog2;

    /// <summary>Bytes that a content-defined block has at least, unless it is the last.</summary>
    public int Least => Size / 4;

    /// <summary>Bytes that a block has at most.</summary>
    public int Most => Rule == BlockRule.Fixed ? Size : Size * 4;
}

/// <summary>Where blocks end.</summary>
internal enum BlockRule
{
    /// <summary>At multiples of the size: for a partial, whose bytes are only of use where they are.</summary>
    Fixed = 0,

    /// <summary>Where the content says: bytes inserted before a block do not change it.</summary>
    ContentDefined = 1,
}
