using System.Collections;
using System.Text;

namespace P2PCopy.Cmdlets.Running;

/// <summary>Converts objects of the pipeline to bytes.</summary>
/// <param name="unwrap">Removes the wrapper of PowerShell from an object.</param>
/// <param name="toText">Converts an object to text as PowerShell does.</param>
internal sealed class PipelineData(Func<object, object> unwrap, Func<object, string> toText)
{
    private const int BlockSize = PipelineStream.BlockSize;

    /// <summary>
    /// The bytes of an object, in blocks. Bytes of any type stay as they are. Of a stream or a file, the content is used; of a
    /// collection, one element after the other. Every other object becomes a line of text.
    /// </summary>
    /// <exception cref="IOException">A file could not be read.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Blocks(object input)
    {
        object value = unwrap(input);
        return value switch
        {
            string text => Slices(Encoding.UTF8.GetBytes(text + "\n")),
            byte[] bytes => Slices(bytes.ToArray()),
            byte one => [new[] { one }],
            ReadOnlyMemory<byte> memory => Slices(memory.ToArray()),
            Memory<byte> memory => Slices(memory.ToArray()),
            IEnumerable<byte> bytes => Slices(bytes.ToArray()),
            Stream stream => Read(stream),
            FileInfo file => Read(file),
            IDictionary => Line(input),
            IEnumerable many => Elements(many),
            _ => Line(input),
        };
    }

    // PowerShell passes the elements of a byte array one by one, so successive bytes are collected into one block.
    private IEnumerable<ReadOnlyMemory<byte>> Elements(IEnumerable many)
    {
        var run = new byte[BlockSize];
        int length = 0;
        foreach (object? element in many)
        {
            if (element is null)
                continue;
            if (unwrap(element) is byte one)
            {
                run[length++] = one;
                if (length < run.Length)
                    continue;
            }

            if (length > 0)
            {
                yield return run.AsSpan(0, length).ToArray();
                length = 0;
            }

            if (unwrap(element) is byte)
                continue;
            foreach (ReadOnlyMemory<byte> block in Blocks(element))
                yield return block;
        }

        if (length > 0)
            yield return run.AsMemory(0, length);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Line(object input)
        => Slices(Encoding.UTF8.GetBytes(toText(input) + "\n"));

    private static IEnumerable<ReadOnlyMemory<byte>> Slices(byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i += BlockSize)
            yield return bytes.AsMemory(i, Math.Min(BlockSize, bytes.Length - i));
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Read(FileInfo file)
    {
        using FileStream stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        foreach (ReadOnlyMemory<byte> block in Read(stream))
            yield return block;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Read(Stream stream)
    {
        while (true)
        {
            var block = new byte[BlockSize];
            int read = stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
            if (read > 0)
                yield return block.AsMemory(0, read);
            if (read < block.Length)
                break;
        }
    }
}
