using System.Security.Cryptography;

namespace P2PCopy.Files.Source;

/// <summary>Computes the SHA-256 of a file in the same pass as its block digests.</summary>
internal sealed class WholeFileScanner(IncrementalHash hash) : IFileScanner
{
    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> bytes) => hash.AppendData(bytes);

    /// <inheritdoc/>
    public void Complete()
    {
    }
}
