using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Wire;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Tells the sender which blocks of a wanted file are here: in the partial of an earlier run, in the existing file.
/// Takes as long as it takes; heartbeats go on meanwhile.
/// </summary>
internal sealed class BlockAnswers(int round, ControlPort control, byte[] key, bool hash) : IDisposable
{
    private const int FragmentBytes = 512 << 10;

    private readonly Dictionary<long, PrefixDigest> _prefixes = [];

    /// <summary>Bytes of lists sent since this was set to 0: the sender keeps them until it has the answers.</summary>
    public long PendingBytes { get; set; }

    /// <summary>The digest of an entry's partial, if there is one.</summary>
    public PrefixDigest? PrefixOf(long index) => _prefixes.GetValueOrDefault(index);

    /// <summary>Hashes what is here of a wanted file and sends the lists.</summary>
    /// <returns>False when nothing of use is here.</returns>
    public async Task<bool> SendAsync(long index, ManifestEntry entry, DestinationDecision decision, CancellationToken cancellationToken)
    {
        if (entry.Length < BlockParameters.LeastLength)
            return false;
        bool any = false;
        if (decision.PartialPath is { } partial && decision.PartialLength >= BlockParameters.LeastLength)
        {
            IncrementalHash? prefix = hash ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
            BlockList? list = await HashAsync(partial, decision.PartialLength, BlockRule.Fixed, entry.Length, prefix, cancellationToken).ConfigureAwait(false);
            if (prefix is not null)
                _prefixes[index] = new PrefixDigest(prefix, list?.Length ?? 0);
            any |= await SendListAsync(index, isPartial: true, list, cancellationToken).ConfigureAwait(false);
        }

        if (decision.ExistingLength >= BlockParameters.LeastLength)
        {
            BlockList? list = await HashAsync(
                decision.FullPath!, decision.ExistingLength, BlockRule.ContentDefined, entry.Length, null, cancellationToken).ConfigureAwait(false);
            any |= await SendListAsync(index, isPartial: false, list, cancellationToken).ConfigureAwait(false);
        }

        return any;
    }

    public void Dispose()
    {
        foreach (PrefixDigest prefix in _prefixes.Values)
            prefix.Dispose();
    }

    private async Task<BlockList?> HashAsync(
        string path, long length, BlockRule rule, long newLength, IncrementalHash? wholeFile, CancellationToken cancellationToken)
    {
        try
        {
            using SafeFileHandle file = DestinationTree.OpenBasis(path);
            return await Task.Run(
                () => BlockHasher.Hash(file, length, BlockParameters.For(rule, Math.Max(length, newLength)), key, wholeFile, null, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is P2PException or IOException)
        {
            return null; // what cannot be read is of no use; whether the file can be written shows later
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
