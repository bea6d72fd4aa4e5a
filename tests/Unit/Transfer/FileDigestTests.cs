using System.Security.Cryptography;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Tests.Unit.Transfer;

/// <summary>The digest of a file does not depend on the pieces in which its content comes.</summary>
public sealed class FileDigestTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(1000, 1000)]
    [InlineData(1000, 999)]
    [InlineData(1000, 7)]
    public void Any_pieces_have_the_same_digest(int length, int piece)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        foreach (long known in (long[])[length, -1])
        {
            using var digest = new FileDigest(known);
            foreach (byte[] part in content.Chunk(piece))
                digest.Append(part);
            Assert.Equal(SHA256.HashData(content), digest.End());
        }
    }

    [Fact]
    public void A_hash_that_was_begun_goes_on()
    {
        var begun = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        begun.AppendData("ab"u8);
        using var digest = new FileDigest(3, begun);
        digest.Append("c"u8);
        Assert.Equal(SHA256.HashData("abc"u8), digest.End());
    }
}
