namespace P2PCopy.Files.Delta;

/// <summary>Looks up the listed blocks of a file in what the receiver has, and builds the plan for the file.</summary>
/// <param name="partial">The partial file, which is used first; null if there is none.</param>
/// <param name="existing">The existing file; null if there is none.</param>
internal sealed class BlockMatcher(PartialBlocks? partial, BlockIndex? existing)
{
    private long _position;

    /// <summary>The pieces so far.</summary>
    public FilePlan Plan { get; } = new();

    /// <summary>Takes the next block of the list.</summary>
    /// <returns>True if the receiver has it.</returns>
    /// <exception cref="IOException">The partial file cannot be read.</exception>
    public bool Take(int length, UInt128 digest)
    {
        bool found = true;
        if (partial?.Has(_position, length, digest) == true)
            Plan.Add(PieceKind.Keep, length);
        else if (existing?.TryFind(length, digest, out long from) == true)
            Plan.Add(PieceKind.Copy, length, from);
        else
            found = false;
        if (!found)
            Plan.Add(PieceKind.Send, length);
        _position += length;
        return found;
    }

    /// <summary>Takes a block without looking it up: it is sent.</summary>
    public void Pass(int length)
    {
        Plan.Add(PieceKind.Send, length);
        _position += length;
    }
}
