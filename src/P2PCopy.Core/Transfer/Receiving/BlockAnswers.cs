using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Tells the sender which blocks of a wanted file are here: in the partial of an earlier run, in the existing file.
/// Takes as long as it takes; heartbeats go on meanwhile.
/// </summary>
internal sealed class BlockAnswers(int round, ControlPort control, byte[] key, bool hash, TransferMeter meter) : IDisposable
{
    private const int FragmentBytes = 512 << 10;

    private readonly Dictionary<long, PrefixDigest> _prefixes = [];
    private readonly Dictionary<long, ComparedFiles> _compared = [];

    /// <summary>Bytes of lists sent since this was set to 0: the sender keeps them until it has the answers.</summary>
    public long PendingBytes { get; set; }

    /// <summary>The digest of an entry's partial, if there is one.</summary>
    public PrefixDigest? PrefixOf(long index) => _prefixes.GetValueOrDefault(index);

    /// <summary>The files that an entry's blocks were told of, as they were then.</summary>
    public ComparedFiles ComparedOf(long index) => _compared.GetValueOrDefault(index);

    /// <summary>Hashes what is here of a wanted file and sends the lists.</summary>
    /// <returns>False when nothing of use is here.</returns>
    public async Task<bool> SendAsync(long index, ManifestEntry entry, DestinationDecision decision, CancellationToken cancellationToken)
    {
        if (entry.Length < BlockParameters.LeastLength)
            return false;
        bool any = false;
        var compared = default(ComparedFiles);
        if (decision.PartialPath is { } partial && decision.PartialLength >= BlockParameters.LeastLength)
        {
            IncrementalHash? prefix = hash ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
            (BlockList? list, FileStat stat) = await HashAsync(entry, partial, decision.PartialLength, BlockRule.Fixed, prefix, cancellationToken).ConfigureAwait(false);
            compared = compared with { Partial = stat };
            if (prefix is not null)
                _prefixes[index] = new PrefixDigest(prefix, list?.Length ?? 0);
            any |= await SendListAsync(index, isPartial: true, list, cancellationToken).ConfigureAwait(false);
        }

        if (decision.ExistingLength >= BlockParameters.LeastLength)
        {
            (BlockList? list, FileStat stat) = await HashAsync(
                entry, decision.FullPath!, decision.ExistingLength, BlockRule.ContentDefined, null, cancellationToken).ConfigureAwait(false);
            compared = compared with { Existing = stat };
            any |= await SendListAsync(index, isPartial: false, list, cancellationToken).ConfigureAwait(false);
        }

        if (any)
            _compared[index] = compared;
        return any;
    }

    public void Dispose()
    {
        foreach (PrefixDigest prefix in _prefixes.Values)
            prefix.Dispose();
    }

    private async Task<(BlockList? List, FileStat Stat)> HashAsync(
        ManifestEntry entry, string path, long length, BlockRule rule, IncrementalHash? wholeFile, CancellationToken cancellationToken)
    {
        try
        {
            using SafeFileHandle file = DestinationTree.OpenBasis(path);
            FileStat stat = FileStat.Of(file, path);
            BlockList list = await Task.Run(
                () => BlockHasher.Hash(
                    file,
                    length,
                    BlockParameters.For(rule, Math.Max(length, entry.Length)),
                    key,
                    wholeFile,
                    done => meter.SetCurrent(entry.Name, done, length),
                    cancellationToken),
                cancellationToken).ConfigureAwait(false);
            return (list, stat);
        }
        catch (Exception e) when (e is P2PException or IOException)
        {
            return default; // what cannot be read is of no use; whether the file can be written shows later
        }
        finally
        {
            meter.SetCurrent(null, 0, 0);
        }
    }

    private async ValueTask<bool> SendListAsync(long index, bool isPartial, BlockList? list, CancellationToken cancellationToken)
    {
        if (list is null || list.Count == 0)
            return false;
        byte[] encoded = list.Encode();
        PendingBytes += encoded.Length;
        foreach (byte[] fragment in encoded.Chunk(FragmentBytes))
        {
            await control.SendAsync(
                new BlocksPage { Round = round, Index = index, Partial = isPartial, Data = fragment }, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }
}

/// <summary>What a plan for a file was made from: it holds for these files as they were then, and for no others.</summary>
/// <param name="Partial">The partial.</param>
/// <param name="Existing">The existing destination.</param>
internal readonly record struct ComparedFiles(FileStat Partial, FileStat Existing);
