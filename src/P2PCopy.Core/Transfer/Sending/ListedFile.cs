using P2PCopy.Files.Delta;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Sending;

/// <summary>A file whose blocks this side lists, with the answers of the receiver. Safe from any thread.</summary>
internal sealed class ListedFile(int index, long length)
{
    private readonly Lock _lock = new();
    private readonly Queue<(int[] Lengths, bool IsLast)> _unanswered = new();

    /// <summary>Number of the entry in the round.</summary>
    public int Index => index;

    /// <summary>The ranges that the receiver has and those that are sent.</summary>
    public FilePlan Plan { get; } = new();

    /// <summary>Whether the receiver has answered the last page.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether the receiver's existing file is this file.</summary>
    public bool IsExisting { get; private set; }

    /// <summary>SHA-256 of the whole file, from the pass that listed the blocks; null without hash or if reading failed.</summary>
    public byte[]? Digest { get; set; }

    /// <summary>Notes that a page is about to be sent.</summary>
    public void AddPage(int[] lengths, bool isLast)
    {
        lock (_lock)
            _unanswered.Enqueue((lengths, isLast));
    }

    /// <summary>Takes the answer to the earliest page without one.</summary>
    /// <returns>Blocks of the page.</returns>
    /// <exception cref="P2PException">The answer does not fit the page.</exception>
    public int Take(FoundPage found)
    {
        lock (_lock)
        {
            if (!_unanswered.TryDequeue(out (int[] Lengths, bool IsLast) page) || (found.Unchanged && !page.IsLast))
                throw ProtocolErrors.Malformed("an answer about blocks that were not listed");
            int block = 0;
            for (int run = 0; run < found.Runs.Length; run++)
            {
                if (found.Runs[run] > page.Lengths.Length - block)
                    throw ProtocolErrors.Malformed("an answer about more blocks than were listed");
                for (long i = found.Runs[run]; i > 0; i--)
                    Plan.Add(run % 2 == 0 ? PieceKind.Keep : PieceKind.Send, page.Lengths[block++]);
            }

            if (block != page.Lengths.Length)
                throw ProtocolErrors.Malformed("an answer about fewer blocks than were listed");
            if (page.IsLast)
                Plan.Complete(length);
            (IsComplete, IsExisting) = (page.IsLast, found.Unchanged);
            return block;
        }
    }
}
