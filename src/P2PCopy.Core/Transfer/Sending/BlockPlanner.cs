using System.Security.Cryptography;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Source;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Gathers what a receiver says it has of a file and plans what must travel, in one pass over the source that gives the
/// digest of the whole file too.
/// </summary>
internal sealed class BlockPlanner(byte[] key, bool hash, TransferMeter meter)
{
    /// <summary>More than a receiver may send before the answer that the lists belong to.</summary>
    private const int MostBytes = 32 << 20;

    private readonly Dictionary<(long Index, bool Partial), List<byte[]>> _lists = [];
    private long _bytes;

    /// <summary>Takes in a part of a list.</summary>
    /// <exception cref="P2PException">It is too much.</exception>
    public void Add(BlocksPage page)
    {
        _bytes += page.Data.Length;
        if (_bytes > MostBytes)
            throw ProtocolErrors.Malformed("more lists of blocks than belong to one answer");
        if (!_lists.TryGetValue((page.Index, page.Partial), out List<byte[]>? parts))
            _lists[(page.Index, page.Partial)] = parts = [];
        parts.Add(page.Data);
    }

    /// <summary>Plans the entry whose lists came, and forgets them.</summary>
    /// <exception cref="P2PException">The lists are none, or of another entry.</exception>
    /// <exception cref="SourceFailedException">The source cannot be read.</exception>
    public async Task<BlockPlan> PlanAsync(long index, SourceEntry source, CancellationToken cancellationToken)
    {
        BlockList? partial = Take(index, isPartial: true);
        BlockList? existing = Take(index, isPartial: false);
        if (partial is null && existing is null)
            throw ProtocolErrors.Malformed("an answer about blocks that did not come");
        BlockPlan made = await Task.Run(
            () =>
            {
                using SourceReader reader = SourceReader.Open(source);
                using IncrementalHash? wholeFile = hash ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
                RebuildPlan plan = BlockMatcher.Match(
                    reader.ReadAt, reader.Length, partial, existing, key, wholeFile, done => meter.SetCurrent(source.Entry.Name, done, source.Entry.Length), cancellationToken);
                reader.VerifyUnchanged();
                bool isExisting = existing is not null && plan.IsExisting(existing.Length, reader.Length);
                return new BlockPlan(PlanCodec.Bound(plan, reader.Length), isExisting, wholeFile?.GetHashAndReset());
            },
            cancellationToken).ConfigureAwait(false);
        meter.SetCurrent(null, 0, 0);
        return made;
    }

    private BlockList? Take(long index, bool isPartial)
    {
        if (!_lists.Remove((index, isPartial), out List<byte[]>? parts))
            return null;
        byte[] encoded = [.. parts.SelectMany(p => p)];
        _bytes -= encoded.Length;
        try
        {
            return BlockList.Decode(encoded);
        }
        catch (InvalidDataException e)
        {
            throw ProtocolErrors.Malformed("a list of blocks that is none", e);
        }
    }
}

/// <summary>What comparing a file with the receiver's blocks gave.</summary>
/// <param name="Plan">What must travel.</param>
/// <param name="IsExisting">The receiver's existing file is this one already.</param>
/// <param name="Digest">SHA-256 of the whole file; null without hash.</param>
internal sealed record BlockPlan(RebuildPlan Plan, bool IsExisting, byte[]? Digest);
