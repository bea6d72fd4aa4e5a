using System.Text;
using P2PCopy.Transfer.Control;

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
    [InlineData("""{"type":"plan","round":0,"page":0,"last":true,"upTo":1,"items":[null]}""")]
    [InlineData("""{"type":"results","round":0,"last":true,"good":[],"failed":[null]}""")]
    [InlineData("""{"type":"settings","codecs":[null],"window":1}""")]
    public void A_message_that_makes_no_sense_is_a_protocol_error_and_nothing_else(string json)
        => Assert.Equal(P2PErrorCode.ProtocolError, Assert.Throws<P2PException>(() => ControlJson.Decode(Encoding.UTF8.GetBytes(json))).Code);

    [Theory]
    [InlineData(2 * PlanCodec.MostSavings, false)]
    [InlineData((2 * PlanCodec.MostSavings) + 2, true)]
    public void A_plan_has_no_more_ranges_than_an_honest_sender_makes(int bytes, bool refused)
    {
        // Every second byte is kept: as many ranges to keep as to send.
        long[] Every(int first) => [.. Enumerable.Range(0, bytes / 2).SelectMany(i => (long[])[(2 * i) + first, 1])];
        var plan = new PlannedEntry { Index = 0, Keep = Every(0), Send = Every(1) };

        Exception? thrown = Record.Exception(() => PlanCodec.Decode(plan, bytes, bytes, 0));

        Assert.Equal(refused ? P2PErrorCode.ProtocolError : null, (thrown as P2PException)?.Code);
    }

    [Theory]
    [InlineData("""{"i":0,"s":[0,5]}""", true)]
    [InlineData("""{"i":0,"k":[],"c":null,"s":[0,5]}""", true)]
    [InlineData("""{"i":0}""", false)]
    [InlineData("""{"i":0,"s":null}""", false)]
    [InlineData("""{"i":0,"c":[0,0,5]}""", false)]
    public void Ranges_that_a_plan_leaves_out_are_none(string item, bool isPlan)
    {
        var page = (PlanPage)ControlJson.Decode(Encoding.UTF8.GetBytes($$"""{"type":"plan","round":0,"page":0,"last":true,"upTo":1,"items":[{{item}}]}"""));
        Exception? refused = Record.Exception(() => PlanCodec.Decode(page.Items[0], length: 5, partialLength: 0, existingLength: 0));
        Assert.Equal(isPlan ? null : P2PErrorCode.ProtocolError, (refused as P2PException)?.Code);
        Assert.Equal(isPlan, refused is null);
    }
}
