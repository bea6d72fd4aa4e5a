using System.Security.Cryptography;
using P2PCopy.Files.Delta;

namespace P2PCopy.Transfer.Writing;

/// <summary>
/// The SHA-256 of a whole partial, made in the same pass as its block digests and still open: where the partial turns out
/// to be the beginning of the file, the file's digest goes on from here and the partial is not read twice.
/// </summary>
internal sealed class PrefixDigest(IncrementalHash hash, long length) : IDisposable
{
    /// <summary>It became the digest of its file.</summary>
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
