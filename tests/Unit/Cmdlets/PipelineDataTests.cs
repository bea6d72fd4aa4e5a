using System.Collections;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Unit.Cmdlets;

/// <summary>What a pipeline sends: bytes in any packaging are the same bytes. The objects need no PowerShell.</summary>
public sealed class PipelineDataTests : IDisposable
{
    private static readonly PipelineData Data = new(value => value, value => value.ToString()!);

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300_000)]
    public void Bytes_in_any_packaging_are_the_same_bytes(int length)
    {
        byte[] bytes = Content(length);
        File.WriteAllBytes(_folder["file"], bytes);
        object[] packagings =
        [
            bytes, bytes.Cast<object>().ToArray(), new List<byte>(bytes), new ArrayList(bytes), new ArraySegment<byte>(bytes),
            new ReadOnlyMemory<byte>(bytes), new Memory<byte>(bytes), new MemoryStream(bytes), new FileInfo(_folder["file"]), new object[] { bytes, Array.Empty<byte>() },
        ];
        Assert.All(packagings, packaging => Assert.Equal(bytes, Joined(packaging)));
    }

    /// <summary>However a pipeline cuts its data into records, the file has one digest.</summary>
    [Fact]
    public void Any_chunking_gives_the_same_digest()
    {
        byte[] bytes = Content(400_000);
        byte[] digest = SHA256.HashData(bytes);
        var random = new Random(7);
        for (int i = 0; i < 50; i++)
        {
            var records = new List<object>();
            for (int at = 0; at < bytes.Length;)
            {
                int length = Math.Min(bytes.Length - at, random.Next(1, random.Next(2, 200_000)));
                byte[] part = bytes[at..(at + length)];
                records.Add(random.Next(4) switch
                {
                    0 => part,
                    1 => part.Cast<object>().ToArray(),
                    2 => new List<byte>(part),
                    _ => new ReadOnlyMemory<byte>(part),
                });
                at += length;
            }

            Assert.Equal(digest, SHA256.HashData([.. records.SelectMany(Joined)]));
        }
    }

    [Fact]
    public void A_collection_of_text_is_a_line_for_each_element()
        => Assert.Equal("a\nb\n", Encoding.UTF8.GetString(Joined(new object[] { "a", "b" })));

    [Fact]
    public void No_block_is_larger_than_the_stream_takes()
    {
        string text = new('ä', 300_000);
        Assert.Equal(text + "\n", Encoding.UTF8.GetString(Joined(text)));
        Assert.All(Data.Blocks(text), block => Assert.InRange(block.Length, 1, PipelineStream.BlockSize));
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Content(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Joined(object input) => [.. Data.Blocks(input).SelectMany(block => block.ToArray())];
}
