using System.Buffers;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Source;

/// <summary>Processes all bytes of a file, in order.</summary>
internal interface IFileScanner
{
    /// <summary>The next bytes.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>The end of the file is reached.</summary>
    void Complete();
}

/// <summary>Reads up to a buffer's length at a position; 0 at the end of the file.</summary>
internal delegate int ReadAt(long offset, Span<byte> buffer);

/// <summary>
/// Reads a file once for any number of scanners. The next piece is read while each scanner processes the
/// current one on a thread of its own, so block digests and the hash of the file need only one pass. The memory is two pieces.
/// </summary>
internal static class FileScan
{
    private const int Piece = 2 << 20;

    /// <summary>Runs the scanners over the first <paramref name="length"/> bytes, or fewer if the file ends before.</summary>
    /// <param name="read">Reads the file.</param>
    /// <param name="length">Bytes to read.</param>
    /// <param name="scanners">Each is called from one thread at a time.</param>
    /// <param name="progress">Gets the number of bytes of each piece of 2 MiB.</param>
    /// <param name="cancellationToken">Cancels between two pieces.</param>
    /// <returns>Bytes that were read.</returns>
    public static long Run(
        ReadAt read, long length, IReadOnlyList<IFileScanner> scanners, Action<long>? progress, CancellationToken cancellationToken)
    {
        byte[] present = ArrayPool<byte>.Shared.Rent(Piece);
        byte[] next = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            int filled = Fill(read, 0, length, present);
            long done = 0;
            while (filled > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = filled;
                byte[] bytes = present;
                done += count;
                bool isLast = done >= length || count < Piece;
                filled = isLast && count < Piece / 4 ? Inline() : SideBySide();
                (present, next) = (next, present);
                progress?.Invoke(done);

                int Inline()
                {
                    foreach (IFileScanner scanner in scanners)
                        scanner.Append(bytes.AsSpan(0, count));
                    return 0;
                }

                int SideBySide()
                {
                    int read2 = 0;
                    Work.ForEach(scanners.Count + 1, i =>
                    {
                        if (i > 0)
                            scanners[i - 1].Append(bytes.AsSpan(0, count));
                        else if (!isLast)
                            read2 = Fill(read, done, length, next);
                    });
                    return read2;
                }
            }

            foreach (IFileScanner scanner in scanners)
                scanner.Complete();
            return done;
        }
        catch (AggregateException e)
        {
            // A scanner cannot fail. An error of reading is passed to the caller.
            throw e.InnerExceptions[0];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(present);
            ArrayPool<byte>.Shared.Return(next);
        }
    }

    private static int Fill(ReadAt read, long offset, long length, byte[] buffer)
    {
        int wanted = (int)Math.Min(Piece, length - offset);
        int filled = 0;
        while (filled < wanted)
        {
            int count = read(offset + filled, buffer.AsSpan(filled, wanted - filled));
            if (count == 0)
                break;
            filled += count;
        }

        return filled;
    }
}
