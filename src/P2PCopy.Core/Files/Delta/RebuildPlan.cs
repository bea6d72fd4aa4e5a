namespace P2PCopy.Files.Delta;

/// <summary>A range of a file.</summary>
internal readonly record struct FileRange(long Offset, long Length);

/// <summary>A range of the new content that the receiver has elsewhere.</summary>
/// <param name="To">Position in the new content.</param>
/// <param name="From">Position in the existing destination.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct CopyRange(long To, long From, long Length);

/// <summary>
/// How a receiver gets the new content of one file. The three lists are sorted by position, do not overlap, and cover
/// the file together.
/// </summary>
/// <param name="Keep">
/// What its partial holds already, at the same position. Nothing is ever moved within a partial: a range that is moved could
/// destroy what another still needs.
/// </param>
/// <param name="Copy">What the existing destination holds, at any position; it is only read until the final rename.</param>
/// <param name="Send">What must travel.</param>
internal sealed record RebuildPlan(IReadOnlyList<FileRange> Keep, IReadOnlyList<CopyRange> Copy, IReadOnlyList<FileRange> Send)
{
    /// <summary>Bytes that must travel.</summary>
    public long SendBytes => Send.Sum(range => range.Length);

    /// <summary>True when the existing destination of this length is the new content already.</summary>
    public bool IsExisting(long existingLength, long length)
        => existingLength == length && Keep.Count == 0 && Send.Count == 0
            && (length == 0 || (Copy.Count == 1 && Copy[0] == new CopyRange(0, 0, length)));

    /// <summary>Why a plan of a peer cannot be followed; null for a good one.</summary>
    /// <param name="length">Bytes of the new content.</param>
    /// <param name="partialLength">Bytes of the partial.</param>
    /// <param name="existingLength">Bytes of the existing destination.</param>
    public string? Objection(long length, long partialLength, long existingLength)
    {
        int keep = 0, copy = 0, send = 0;
        for (long at = 0; at < length;)
        {
            long piece;
            if (keep < Keep.Count && Keep[keep].Offset == at)
            {
                piece = Keep[keep++].Length;
                if (piece > partialLength - at) return "it keeps more than the unfinished file holds";
            }
            else if (copy < Copy.Count && Copy[copy].To == at)
            {
                CopyRange range = Copy[copy++];
                piece = range.Length;
                if (range.From < 0 || piece > existingLength - range.From) return "it copies more than the existing file holds";
            }
            else if (send < Send.Count && Send[send].Offset == at)
            {
                piece = Send[send++].Length;
            }
            else
            {
                return "its ranges do not cover the file";
            }

            if (piece <= 0 || piece > length - at) return "a range has an impossible length";
            at += piece;
        }

        return keep == Keep.Count && copy == Copy.Count && send == Send.Count ? null : "it has ranges beyond the file";
    }
}
