using P2PCopy.Files.Names;
using P2PCopy.Files.Source;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Sending;

namespace P2PCopy.Tests.Unit.Transfer;

public sealed class SendRoundTests
{
    [Fact]
    public void A_result_that_overtakes_the_answer_about_blocks_is_for_a_file_that_the_receiver_had()
    {
        byte[] digest = [1, 2, 3];
        SendRound round = Round();
        round.SetListed(new ListedFile(0, 100_000) { Digest = digest });

        (byte[]? found, long length) = round.TakeGood(0);

        Assert.Equal(digest, found);
        Assert.Equal(100_000, length);
        Assert.True(round.IsExisting(0));
        Assert.Equal(0, round.SentLength(0));
    }

    [Fact]
    public void A_result_for_a_file_without_an_answer_about_blocks_is_for_a_copy()
    {
        SendRound round = Round();

        round.TakeGood(0);

        Assert.False(round.IsExisting(0));
        Assert.Equal(100_000, round.SentLength(0));
    }

    private static SendRound Round()
    {
        var entry = new ManifestEntry("file", EntryKind.File, 100_000, DateTime.UnixEpoch);
        return new SendRound(
            new RoundTrailers(0, Hash: true, new byte[32]),
            [new OutgoingEntry(new SourceEntry(entry, new SourceRoot("/nowhere", "file", FollowLinks: false)), 0)]);
    }
}
