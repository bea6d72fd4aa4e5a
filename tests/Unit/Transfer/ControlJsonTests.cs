using System.Text;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Tests.Unit.Transfer;

public class ControlJsonTests
{
    [Theory]
    [InlineData("""{"type":"settings","codecs":["zstd","gzip"],"window":25165824,"chunkSize":1048576,"hash":true,"name":"h\u00FCtte"}""")]
    [InlineData("""{"type":"settings","codecs":[],"window":1,"hash":false}""")]
    [InlineData("""{"type":"offer","round":1,"page":2,"last":false,"entries":[{"n":"a/b","s":5,"t":-7,"m":420,"r":true},{"n":"f","k":1,"t":0},{"n":"l","k":2,"t":1,"l":"a"},{"n":"u","s":-1,"t":1}]}""")]
    [InlineData("""{"type":"blocks","round":0,"i":9,"last":false,"data":"AABAAAECAwQFBgcICQoLDA0ODxA="}""")]
    [InlineData("""{"type":"answer","round":0,"page":0,"last":true,"upTo":10000000,"entries":[{"i":1,"a":"refuse","c":"NameRefused","x":"No."},{"i":2}]}""")]
    [InlineData("""{"type":"found","round":0,"i":9,"runs":[0,2,1]}""")]
    [InlineData("""{"type":"found","round":0,"i":9,"runs":[3],"u":true}""")]
    [InlineData("""{"type":"void","first":3,"count":4}""")]
    [InlineData("""{"type":"streams","count":4}""")]
    [InlineData("""{"type":"results","round":0,"last":true,"good":[0,5],"failed":[{"i":5,"c":"Failure","x":"No."}]}""")]
    [InlineData("""{"type":"results","round":0,"last":true,"good":[],"skipped":[0,1,3,2],"failed":[]}""")]
    [InlineData("""{"type":"offer","round":0,"page":0,"last":true,"entries":[],"unread":["a/b","c"]}""")]
    [InlineData("""{"type":"end","confirmed":6}""")]
    [InlineData("""{"type":"receipt","confirmed":6}""")]
    [InlineData("""{"type":"bye"}""")]
    public void A_message_is_written_as_it_was_read(string json)
        => Assert.Equal(json, Encoding.UTF8.GetString(ControlJson.Encode(ControlJson.Decode(Encoding.UTF8.GetBytes(json)))));

    [Fact]
    public void Members_come_in_any_order_and_unknown_ones_are_ignored()
    {
        var offer = (OfferPage)ControlJson.Decode(Encoding.UTF8.GetBytes(
            """{"entries":[{"later":[{}],"t":3,"n":"a","m":null,"l":null}],"more":{"type":"bye"},"last":true,"page":0,"round":0,"type":"offer"}"""));

        Assert.Equal(new OfferedEntry { Name = "a", Modified = 3 }, Assert.Single(offer.Entries));
    }
}
