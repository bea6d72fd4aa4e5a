using System.Text;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Sending;

namespace P2PCopy.Tests.Hostile;

public sealed class HostileMessageTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"type":"nonsense"}""")]
    [InlineData("""{"type":"offer","round":0,"page":0,"last":true}""")]
    [InlineData("""{"type":"offer","round":0,"page":0,"last":true,"entries":null}""")]
    [InlineData("""{"type":"offer","round":0,"page":0,"last":true,"entries":[null]}""")]
    [InlineData("""{"type":"offer","round":0,"page":0,"last":true,"entries":[{"n":null,"t":0}]}""")]
    [InlineData("""{"type":"offer","round":0,"page":0,"last":true,"entries":[{"t":0}]}""")]
    [InlineData("""{"type":"offer","round":99999999999,"page":0,"last":true,"entries":[]}""")]
    [InlineData("""{"type":"answer","round":0,"page":0,"last":true,"upTo":1,"entries":[null]}""")]
    [InlineData("""{"type":"found","round":0,"i":0,"runs":[null]}""")]
    [InlineData("""{"type":"found","round":0,"i":0,"runs":null}""")]
    [InlineData("""{"type":"blocks","round":0,"i":0,"last":true,"data":"AA=="}""")]
    [InlineData("""{"type":"blocks","round":0,"i":0,"last":false,"data":""}""")]
    [InlineData("""{"type":"results","round":0,"last":true,"good":[],"failed":[null]}""")]
    [InlineData("""{"type":"settings","codecs":[null],"window":1}""")]
    public void A_message_that_makes_no_sense_is_a_protocol_error_and_nothing_else(string json)
        => Assert.Equal(P2PErrorCode.ProtocolError, Assert.Throws<P2PException>(() => ControlJson.Decode(Encoding.UTF8.GetBytes(json))).Code);

    [Theory]
    [InlineData("found 1 of 2", new long[] { 1 })]
    [InlineData("found 3 of 2", new long[] { 3 })]
    [InlineData("3 runs for 2", new long[] { 1, 1, 1 })]
    [InlineData("too many to add", new long[] { 1 << 16, 1 << 16 })]
    public void An_answer_about_other_blocks_than_were_listed_is_refused(string what, long[] runs)
    {
        var file = new ListedFile(0, 1 << 20);
        file.AddPage([1 << 16, 1 << 16], isLast: true);
        Assert.True(Refuses(() => file.Take(new FoundPage { Round = 0, Index = 0, Runs = runs })), what);
    }

    [Fact]
    public void A_file_is_unchanged_only_when_its_list_was_answered_to_the_end()
    {
        var file = new ListedFile(0, 1 << 20);
        file.AddPage([1 << 16], isLast: false);
        Assert.True(Refuses(() => file.Take(new FoundPage { Round = 0, Index = 0, Runs = [1], Unchanged = true })));
        Assert.True(Refuses(() => file.Take(new FoundPage { Round = 0, Index = 0, Runs = [1] })));
    }

    private static bool Refuses(Action act) => Record.Exception(act) is P2PException { Code: P2PErrorCode.ProtocolError };
}
