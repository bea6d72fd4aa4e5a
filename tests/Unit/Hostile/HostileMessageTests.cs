using System.Text;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Wire;

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
    [InlineData("""{"type":"plan","round":0,"page":0,"last":true,"upTo":1,"items":[{"i":0,"s":null}]}""")]
    [InlineData("""{"type":"results","round":0,"last":true,"good":[],"failed":[null]}""")]
    [InlineData("""{"type":"settings","codecs":[null],"window":1}""")]
    public void A_message_that_makes_no_sense_is_a_protocol_error_and_nothing_else(string json)
        => Assert.Equal(P2PErrorCode.ProtocolError, Assert.Throws<P2PException>(() => ControlJson.Decode(Encoding.UTF8.GetBytes(json))).Code);
}
