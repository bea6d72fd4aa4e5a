using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Tests.Unit.Transfer;

/// <summary>Keeps the content of one item in memory, and what became of it.</summary>
internal sealed class MemoryOutput : IContentOutput, IContentSink
{
    private byte[] _content = [];

    /// <summary>What the receiver had of the file.</summary>
    public byte[] Before { get; init; } = [];

    /// <summary>Bytes after which a write fails.</summary>
    public long Room { get; init; } = long.MaxValue;

    public byte[] Content => _content;

    /// <summary>"committed", "abandoned" or "kept"; null while it is open.</summary>
    public string? End { get; private set; }

    public IContentSink Open(IncomingEntry entry, ContentItem item) => this;

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (offset + data.Length > Room)
            throw new P2PException(P2PErrorCode.FileWriteError, "There is no room.");
        Put(offset, data.Span);
        return ValueTask.CompletedTask;
    }

    public void Restore(FilePiece piece, FileDigest? digest, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> bytes = Before.AsSpan((int)piece.From, (int)piece.Length);
        Put(piece.Offset, bytes);
        digest?.Append(bytes);
    }

    public ValueTask<CommitResult> CommitAsync(ManifestEntry entry, long length, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken)
    {
        End = "committed";
        return ValueTask.FromResult(new CommitResult(entry.Name));
    }

    public void Abandon(bool keepPartial) => End ??= keepPartial ? "kept" : "abandoned";

    private void Put(long offset, ReadOnlySpan<byte> bytes)
    {
        if (_content.Length < offset + bytes.Length)
            Array.Resize(ref _content, (int)offset + bytes.Length);
        bytes.CopyTo(_content.AsSpan((int)offset));
    }
}
