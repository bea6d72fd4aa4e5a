using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Compares the blocks that the sender lists of one file with what the receiver has of it. This takes as long as the disk
/// needs; heartbeats continue meanwhile.
/// </summary>
internal sealed class BlockComparer : IAsyncDisposable
{
    private readonly ManifestEntry _entry;
    private readonly BlockParameters _parameters;
    private readonly BlockQuestions _questions;
    private readonly TransferMeter _meter;
    private readonly CancellationTokenSource _stop;
    private readonly PartialBlocks? _partial;
    private readonly Task<BlockIndex?> _existing;
    private readonly IncrementalHash? _whole;
    private IncrementalHash? _prefix;
    private BlockMatcher? _matcher;
    private long _listed;

    /// <summary>Opens the files and begins to read the existing one.</summary>
    /// <param name="context">The session.</param>
    /// <param name="entry">The offered file and what the receiver has of it.</param>
    /// <param name="key">The key of the digests.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public BlockComparer(ReceiveContext context, IncomingEntry entry, byte[] key, CancellationToken cancellationToken)
    {
        (DestinationTree tree, DestinationDecision decision) = (context.Tree, entry.Decision);
        _entry = entry.Offered;
        _parameters = BlockParameters.For(_entry.Length);
        _questions = context.Run.Questions;
        _meter = context.Meter;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (decision.PartialLength >= _parameters.Least && Open(tree.Existing.OpenPartial, decision.PartialPath, out FileStat partial) is { } partialFile)
        {
            _prefix = context.Sender.Hash ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
            _partial = new PartialBlocks(partialFile, decision.PartialLength, key, _prefix);
            Compared = Compared with { Partial = partial };
        }

        _existing = Task.FromResult<BlockIndex?>(null);
        if (decision.ExistingLength >= _parameters.Least && Open(tree.Existing.Open, decision.FullPath, out FileStat existing) is { } existingFile)
        {
            Compared = Compared with { Existing = existing };
            // Only a file of the same length may turn out to be the new content, and then its digest is part of the result.
            _whole = context.Sender.Hash && decision.ExistingLength == _entry.Length ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
            _existing = Work.Run(() => ReadExisting(existingFile, decision.ExistingLength, key), CancellationToken.None);
        }
    }

    /// <summary>The files that are compared, as they were when they were opened.</summary>
    public ComparedFiles Compared { get; } = ComparedFiles.None;

    /// <summary>The SHA-256 of the existing file once it is read; null without hash or if its length differs.</summary>
    public byte[]? TakeExistingDigest() => _existing.IsCompletedSuccessfully && _existing.Result is not null ? _whole?.GetHashAndReset() : null;

    /// <summary>The plan so far.</summary>
    public FilePlan Plan => _matcher!.Plan;

    /// <summary>True if something of the receiver can be used for a file.</summary>
    public static bool IsUseful(ManifestEntry entry, DestinationDecision decision)
        => entry.Kind == EntryKind.File && entry.Length >= BlockParameters.LeastLength
            && (decision.ExistingLength >= BlockParameters.LeastLength
                || (decision.PartialPath is not null && decision.PartialLength >= BlockParameters.LeastLength));

    /// <summary>Looks up the blocks of a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="mostPieces">Pieces that the plan may have. Beyond, blocks are sent and not looked up.</param>
    /// <returns>Numbers of consecutive blocks: found, not found, found, …</returns>
    /// <exception cref="P2PException">The list is longer than the file, or has an impossible block.</exception>
    public async Task<long[]> TakeAsync(BlocksPage page, long mostPieces)
    {
        _matcher ??= new BlockMatcher(_partial, await _existing.ConfigureAwait(false));
        long[] runs = await Work.Run(() => Take(page, mostPieces), _stop.Token).ConfigureAwait(false);
        _meter.SetCurrent(_entry.Name, _listed, _entry.Length);
        if (page.Last)
            _matcher.Plan.Complete(_entry.Length);
        return runs;
    }

    /// <summary>After the last page: the SHA-256 of the partial file as far as it is the beginning of the file.</summary>
    public async Task<PrefixDigest?> TakePrefixAsync()
    {
        if (_prefix is null || !Plan.Keeps)
            return null;
        try
        {
            long length = await _partial!.CompletePrefixAsync().ConfigureAwait(false);
            if (length == 0)
                return null;
            var digest = new PrefixDigest(_prefix, length);
            _prefix = null;
            return digest;
        }
        catch (IOException)
        {
            return null; // the same error occurs when the partial file is used, and fails the file by name
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await ((Task)_existing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_partial is not null)
            await _partial.DisposeAsync().ConfigureAwait(false);
        _prefix?.Dispose();
        _whole?.Dispose();
        _stop.Dispose();
        _meter.ClearCurrent();
    }

    private long[] Take(BlocksPage page, long mostPieces)
    {
        List<long> runs = [0];
        bool isFound = true;
        for (int i = 0; i < page.Count; i++)
        {
            _stop.Token.ThrowIfCancellationRequested();
            (int length, UInt128 digest) = page.Block(i);
            if (length < _parameters.Least || length > _parameters.Longest || length > _entry.Length - _listed)
                throw ProtocolErrors.Malformed($"a block of {length} bytes at {_listed} of a file of {_entry.Length}");
            _listed += length;
            if (Look(length, digest, mostPieces) != isFound)
            {
                isFound = !isFound;
                runs.Add(0);
            }

            runs[^1]++;
        }

        return [.. runs];
    }

    private bool Look(int length, UInt128 digest, long mostPieces)
    {
        if (_matcher!.Plan.Pieces.Count < mostPieces && _questions.TryTake())
        {
            try
            {
                return _matcher.Take(length, digest);
            }
            catch (IOException)
            {
                // A partial file that cannot be read is not used.
            }
        }

        _matcher.Pass(length);
        return false;
    }

    private BlockIndex? ReadExisting(SafeFileHandle file, long length, byte[] key)
    {
        using (file)
        {
            try
            {
                return BlockIndex.Of(file, length, _parameters, key, _whole, done => _meter.SetCurrent(_entry.Name, done, length), _stop.Token);
            }
            catch (IOException)
            {
                return null; // a file that cannot be read is not used; whether it can be replaced shows later
            }
        }
    }

    private SafeFileHandle? Open(Func<string, SafeFileHandle> open, string? path, out FileStat stat)
    {
        stat = default;
        if (path is null)
            return null;
        SafeFileHandle? file = null;
        try
        {
            file = open(_entry.Name);
            stat = FileErrors.StatOf(file, path);
            return file;
        }
        catch (P2PException)
        {
            file?.Dispose();
            return null;
        }
    }
}
