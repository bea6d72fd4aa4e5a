using System.Security.Cryptography;

namespace P2PCopy.Transfer.Content;

/// <summary>
/// The SHA-256 of a file whose content comes in order. A file that comes in one piece is hashed in one call, because the state of a
/// running hash costs more than the content of a small file.
/// </summary>
/// <param name="length">Bytes of the file; -1 if unknown.</param>
/// <param name="begun">A hash that already has the first bytes of the file.</param>
/// <remarks>One caller at a time.</remarks>
internal sealed class FileDigest(long length, IncrementalHash? begun = null) : IDisposable
{
    private IncrementalHash? _running = begun;
    private byte[]? _whole;

    /// <summary>Adds the next bytes, not more than the length in all.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (_running is null && _whole is null && data.Length == length)
            _whole = SHA256.HashData(data);
        else
            (_running ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256)).AppendData(data);
    }

    /// <summary>The digest of everything that was added.</summary>
    public byte[] End() => _whole ?? _running?.GetHashAndReset() ?? SHA256.HashData([]);

    public void Dispose() => _running?.Dispose();
}
