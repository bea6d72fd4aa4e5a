using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Tests.Hostile;

/// <summary>Every number of the wire has a range. A number out of its range ends the session at once, with an error of its own.</summary>
public sealed partial class HostileNumberTests : IDisposable
{
    private static readonly string[] Extremes =
    [
        "-9223372036854775808", "-2147483649", "-2147483648", "-2", "-1", "2147483647", "2147483648", "4294967296", "1099511627777",
        "576460752303423489", "9223372036854775774", "9223372036854775807", "9223372036854775808", "1e400", "1e3", "1.5", "\"1\"", "null", "true", "[]", "{}",
    ];

    private readonly TransferPair _pair = new();

    public static TheoryData<string> Messages => new(
        """{"type":"settings","codecs":[],"window":1,"chunkSize":1048576,"hash":true}""",
        """{"type":"offer","round":0,"page":0,"last":true,"entries":[{"n":"a","k":0,"s":5,"t":7,"m":420}]}""",
        """{"type":"answer","round":0,"page":0,"last":true,"upTo":3,"entries":[{"i":1,"a":"skip"}]}""",
        """{"type":"blocks","round":0,"i":9,"last":true,"data":""}""",
        """{"type":"found","round":0,"i":9,"runs":[0,2]}""",
        """{"type":"void","first":3,"count":4}""",
        """{"type":"streams","count":4}""",
        """{"type":"results","round":0,"last":true,"good":[0,5],"skipped":[7,1],"failed":[{"i":6,"c":"Failure","x":"No."}]}""",
        """{"type":"end","confirmed":6}""",
        """{"type":"receipt","confirmed":6}""");

    public static TheoryData<string> Said => new(
        "length -2", "length 2^59+1", "length 2^63-34", "length 2^63-1", "time", "offer round", "offer page",
        "void first", "void count", "void both", "streams", "blocks entry", "blocks round", "end");

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_number_is_in_its_range_or_the_message_is_a_protocol_error(string json)
    {
        int refused = 0;
        foreach (Match number in Number().Matches(json))
        {
            foreach (string extreme in Extremes)
            {
                string hostile = json[..number.Index] + extreme + json[(number.Index + number.Length)..];
                try
                {
                    // What is accepted is written back: no number was cut or wrapped on the way.
                    string back = Encoding.UTF8.GetString(ControlJson.Encode(ControlJson.Decode(Encoding.UTF8.GetBytes(hostile))));
                    if (long.TryParse(extreme, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
                        Assert.Contains(extreme, back, StringComparison.Ordinal);
                    Assert.NotEqual("9223372036854775807", extreme);
                }
                catch (P2PException e)
                {
                    Assert.Equal(P2PErrorCode.ProtocolError, e.Code);
                    refused++;
                }
            }
        }

        Assert.True(refused > 0);
    }

    [Theory]
    [MemberData(nameof(Said))]
    public Task A_receiver_ends_the_session_at_once(string what) => RefusesAsync(_pair.Receive, what);

    [Fact]
    public Task A_length_whose_trailer_would_overflow_ends_a_transfer_to_standard_output()
        => RefusesAsync(_pair.Receive with { OutputStream = new MemoryStream() }, "length 2^63-34");

    public void Dispose() => _pair.Dispose();

    private async Task RefusesAsync(ReceiveOptions receive, string what)
    {
        Task<Outcome> sender = ScriptedSender.RunAsync(_pair.Send, script => PlayAsync(script, what));
        Outcome receiver = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(receive, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(P2PErrorCode.ProtocolError, receiver.Error);
        Assert.Equal(P2PErrorCode.ProtocolError, (await sender).Error);
    }

    private static async Task PlayAsync(Script script, string what)
    {
        OfferedEntry file = ScriptedSender.File("a", new byte[100]);
        OfferPage good = Offer(file);
        ControlMessage? hostileOffer = what switch
        {
            "length -2" => Offer(file with { Length = -2 }),
            "length 2^59+1" => Offer(file with { Length = (1L << 59) + 1 }),
            "length 2^63-34" => Offer(file with { Length = long.MaxValue - 33 }),
            "length 2^63-1" => Offer(file with { Length = long.MaxValue }),
            "time" => Offer(file with { Modified = long.MaxValue }),
            "offer round" => good with { Round = int.MaxValue },
            "offer page" => good with { Page = int.MaxValue },
            _ => null,
        };
        await script.SayAsync(hostileOffer ?? good);
        if (hostileOffer is null)
        {
            await script.HearAsync<AnswerPage>();
            await script.SayAsync(what switch
            {
                "void first" => new VoidMessage { First = long.MaxValue, Count = 1 },
                "void count" => new VoidMessage { First = 0, Count = long.MaxValue },
                "void both" => new VoidMessage { First = 1L << 40, Count = 1L << 40 },
                "streams" => new StreamsMessage { Count = int.MaxValue },
                "blocks entry" => new BlocksPage { Round = 0, Index = long.MaxValue, Last = true, Data = [] },
                "blocks round" => new BlocksPage { Round = int.MaxValue, Index = 0, Last = true, Data = [] },
                _ => new EndMessage { Confirmed = long.MaxValue },
            });
        }

        await script.HearAsync<ByeMessage>(); // the end of the session
    }

    private static OfferPage Offer(OfferedEntry entry) => new() { Round = 0, Page = 0, Last = true, Entries = [entry] };

    [GeneratedRegex("(?<=[:\\[,])[0-9]+")]
    private static partial Regex Number();
}
