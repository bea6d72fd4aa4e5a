using System.Security.Cryptography;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Source;
using P2PCopy.Tests.Unit.Files;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Sending;

namespace P2PCopy.Tests.Unit.Transfer;

public sealed class ItemReaderTests : IDisposable
{
    private const int Length = 3000;

    private static readonly RoundTrailers Trailers = new(1, Hash: true, new byte[32]);

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _content = new byte[Length];

    public ItemReaderTests()
    {
        new Random(5).NextBytes(_content);
        File.WriteAllBytes(_folder["f"], _content);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(Length + Trailer.Length)]
    public void It_gives_the_content_and_then_its_trailer_in_parts_of_any_size(int part)
    {
        using ItemReader reader = Reader();
        byte[] given = Read(reader, part);
        Assert.Equal(_content, given[..Length]);
        Assert.Equal(SHA256.HashData(_content), reader.Digest);
        Assert.True(Trailers.Matches(given.AsSpan(Length), 0, Length, SHA256.HashData(_content)));
        Assert.Null(reader.Failure);
    }

    [Fact]
    public void Of_a_file_that_the_receiver_has_in_parts_it_gives_the_rest_and_the_digest_of_the_whole()
    {
        using ItemReader reader = Reader(Plan((PieceKind.Keep, 1000), (PieceKind.Send, 500), (PieceKind.Keep, 700), (PieceKind.Send, 300), (PieceKind.Keep, 500)));
        byte[] given = Read(reader, 90);
        Assert.Equal([.. _content[1000..1500], .. _content[2200..2500]], given[..800]);
        Assert.True(Trailers.Matches(given.AsSpan(800), 0, Length, SHA256.HashData(_content)));
    }

    [Fact]
    public void A_digest_that_is_known_goes_into_the_trailer()
    {
        byte[] known = SHA256.HashData("known"u8);
        using ItemReader reader = Reader(Plan((PieceKind.Send, 10), (PieceKind.Keep, Length - 10)), known);
        Assert.True(Trailers.Matches(Read(reader, 90).AsSpan(10), 0, Length, known));
        Assert.Equal(known, reader.Digest);
    }

    [Theory]
    [InlineData("grown")]
    [InlineData("shorter")]
    [InlineData("deleted")]
    public void A_file_that_changes_gives_its_announced_length_and_a_trailer_that_says_so(string how)
    {
        using ItemReader reader = Reader();
        byte[] first = new byte[1000];
        reader.Fill(first);
        Assert.Equal(_content[..1000], first);
        if (how == "deleted")
            File.Delete(_folder["f"]);
        else
            File.WriteAllBytes(_folder["f"], new byte[how == "grown" ? Length + 1 : 900]);

        byte[] rest = Read(reader, 700, first.Length);

        Assert.Equal(Trailer.Failed, rest[^Trailer.Length]);
        Assert.True(Trailers.Matches(rest.AsSpan(rest.Length - Trailer.Length), 0, Length, null));
        Assert.NotNull(reader.Failure);
        Assert.True(reader.Failure.IsChange);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_gives_zeros()
    {
        using ItemReader reader = Reader();
        File.Delete(_folder["f"]);
        byte[] given = Read(reader, 1000);
        Assert.Equal(new byte[Length], given[..Length]);
        Assert.Equal(Trailer.Failed, given[Length]);
    }

    [Fact]
    public void After_a_failure_content_can_be_passed_over()
    {
        using ItemReader reader = Reader();
        File.Delete(_folder["f"]);
        reader.Fill(new byte[1]);
        Assert.Equal(Length - 1, reader.DataLeft);
        reader.Skip(Length - 1);
        Assert.Equal(Trailer.Failed, Read(reader, 100, Length)[0]);
    }

    /// <param name="reader">The reader.</param>
    /// <param name="part">Bytes in each call.</param>
    /// <param name="given">Bytes that the reader gave or passed over before.</param>
    private static byte[] Read(ItemReader reader, int part, long given = 0)
    {
        byte[] bytes = new byte[reader.Item.ContentLength - given];
        for (int at = 0; at < bytes.Length; at += part)
            reader.Fill(bytes.AsSpan(at, Math.Min(part, bytes.Length - at)));
        Assert.True(reader.IsFinished);
        return bytes;
    }

    private static FilePlan Plan(params (PieceKind Kind, long Length)[] pieces)
    {
        var plan = new FilePlan();
        foreach ((PieceKind kind, long length) in pieces)
            plan.Add(kind, length);
        return plan;
    }

    private ItemReader Reader(FilePlan? plan = null, byte[]? known = null)
    {
        Assert.True(FileStat.TryRead(_folder["f"], followLinks: false, out FileStat stat, out _));
        SourceEntry source = SourceEntry.Of(stat, "f", new SourceRoot(_folder.FullPath + Path.DirectorySeparatorChar, "", FollowLinks: false));
        return new ItemReader(new ContentItem(0, Length, plan), source, Trailers, known);
    }
}
