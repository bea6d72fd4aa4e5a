using System.Security.Cryptography;
using System.Threading.Channels;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Source;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Sending;

/// <summary>Lists the blocks of the files of a round, in one pass over each file that also computes its SHA-256.</summary>
internal sealed class BlockLister(SendContext context, SendRound round)
{
    /// <summary>Bytes of the file in a page. The receiver compares a page while this side reads the next one.</summary>
    private const long PageCoverage = 256 << 20;

    private readonly byte[] _key = context.Session.BlockKey(BlockDigest.KeyLength);

    /// <summary>Lists one file. A file that cannot be read gets a list that ends early; it fails by name when its content is due.</summary>
    /// <returns>Blocks in the list.</returns>
    public async Task<long> ListAsync(ListedFile file, CancellationToken cancellationToken)
    {
        // The pages of one file: 6 MB at most for a file below 16 TiB.
        var pages = Channel.CreateUnbounded<(BlocksPage Page, int[] Lengths)>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        long blocks = 0;
        Task scan = Work.Run(() => Scan(file, pages.Writer, cancellationToken), CancellationToken.None);
        try
        {
            await foreach ((BlocksPage page, int[] lengths) in pages.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                blocks += lengths.Length;
                file.AddPage(lengths, page.Last);
                await context.Control.SendAsync(page, cancellationToken).ConfigureAwait(false);
            }

            return blocks;
        }
        finally
        {
            await scan.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the channel has its exception
            context.Meter.ClearCurrent();
        }
    }

    private void Scan(ListedFile file, ChannelWriter<(BlocksPage Page, int[] Lengths)> pages, CancellationToken cancellationToken)
    {
        SourceEntry source = round.SourceOf(file.Index);
        List<byte> data = [];
        List<int> lengths = [];
        long covered = 0;
        try
        {
            using SourceReader reader = SourceReader.Open(source);
            using IncrementalHash? wholeFile = round.Trailers.StartHash();
            using var splitter = new BlockSplitter(BlockParameters.For(reader.Length), _key, reader.Length, OnBlock);
            IFileScanner[] scanners = wholeFile is null ? [splitter] : [splitter, new WholeFileScanner(wholeFile)];
            FileScan.Run(reader.ReadAt, reader.Length, scanners, done => context.Meter.SetCurrent(source.Entry.Name, done, source.Entry.Length), cancellationToken);
            reader.VerifyUnchanged();
            file.Digest = wholeFile?.GetHashAndReset();
            Flush(isLast: true);
            pages.Complete();
        }
        catch (SourceFailedException)
        {
            data.Clear();
            lengths.Clear();
            Flush(isLast: true);
            pages.Complete();
        }
        catch (Exception e)
        {
            pages.Complete(e);
        }

        void OnBlock(int length, UInt128 digest)
        {
            if (lengths.Count == BlocksPage.BlocksPerPage || covered >= PageCoverage)
                Flush(isLast: false);
            BlocksPage.Append(data, length, digest);
            lengths.Add(length);
            covered += length;
        }

        void Flush(bool isLast)
        {
            pages.TryWrite((new BlocksPage { Round = round.Number, Index = file.Index, Last = isLast, Data = [.. data] }, [.. lengths]));
            data.Clear();
            lengths.Clear();
            covered = 0;
        }
    }
}
