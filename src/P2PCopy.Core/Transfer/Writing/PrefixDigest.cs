using System.Security.Cryptography;
using P2PCopy.Files.Delta;

namespace P2PCopy.Transfer.Writing;

/// <summary>
/// The unfinished SHA-256 of a whole partial, from the same pass as its block digests. If the partial is the beginning of the file,
/// the digest of the file continues from here and the partial is not read twice.
/// </summary>
internal sealed class PrefixDigest(IncrementalHash hash, long length) : IDisposable
{
    /// <summary>Whether it became the digest of its file.</summary>
    public bool IsTaken { get; private set; }

    public bool Fits(FilePlan? plan)
        => plan is { Pieces: [{ Kind: PieceKind.Keep, Offset: 0 } first, ..] } && first.Length == length;

    public IncrementalHash Take()
    {
        IsTaken = true;
        return hash;
    }

    public void Dispose()
    {
        if (!IsTaken)
            hash.Dispose();
    }
}
