using P2PCopy.Session.Messages;

namespace P2PCopy.Tests.Unit.Session;

public sealed class PeerReasonTests
{
    [Theory]
    [InlineData("FileWriteError", P2PErrorCode.FileWriteError)]
    [InlineData("999", P2PErrorCode.Failure)]
    [InlineData("-1", P2PErrorCode.Failure)]
    [InlineData("3", P2PErrorCode.Failure)]
    [InlineData("FileWriteError, NameRefused", P2PErrorCode.Failure)]
    [InlineData("", P2PErrorCode.Failure)]
    [InlineData(null, P2PErrorCode.Failure)]
    public void A_code_of_the_other_side_is_a_known_name_or_a_failure(string? name, P2PErrorCode code)
        => Assert.Equal(code, PeerReason.Code(name));

    [Fact]
    public void A_sentence_of_the_other_side_is_short_and_visible()
    {
        string sentence = PeerReason.Sentence(" \u001b[2J\u061c" + new string('x', 1 << 20));

        Assert.InRange(sentence.Length, 1, PeerReason.MaxSentenceLength + 20);
        Assert.StartsWith(@"\x1b[2J\u061c", sentence, StringComparison.Ordinal);
    }
}
