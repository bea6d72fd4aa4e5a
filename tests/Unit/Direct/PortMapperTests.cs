using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using P2PCopy.Session.Direct;

namespace P2PCopy.Tests.Unit.Direct;

/// <summary>Mappings of a router, which a test plays on a loopback address.</summary>
public sealed class PortMapperTests : IDisposable
{
    private static readonly byte[] Nonce = [.. Enumerable.Range(1, 12).Select(i => (byte)i)];
    private static readonly LocalNetwork Network = new([], [IPAddress.Loopback]);

    private readonly Socket _router = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly List<byte[]> _asked = [];

    public PortMapperTests() => _router.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Port => ((IPEndPoint)_router.LocalEndPoint!).Port;

    public void Dispose() => _router.Dispose();

    [Fact]
    public void A_request_of_PCP_has_the_bytes_of_RFC_6887()
        => Assert.Equal(
            "0201000000000258" + "00000000000000000000FFFFC0A80714" + "0102030405060708090A0B0C" + "06000000A028A028" + "00000000000000000000FFFF00000000",
            Convert.ToHexString(PcpMessage.Request(IPAddress.Parse("192.168.7.20"), Nonce, 41000, TimeSpan.FromMinutes(10))));

    [Fact]
    public void Requests_of_NAT_PMP_have_the_bytes_of_RFC_6886()
    {
        Assert.Equal("0000", Convert.ToHexString(NatPmpMessage.AddressRequest()));
        Assert.Equal("00020000A028A02800000258", Convert.ToHexString(NatPmpMessage.MapRequest(41000, TimeSpan.FromMinutes(10))));
        Assert.Equal("00020000A028000000000000", Convert.ToHexString(NatPmpMessage.MapRequest(41000, TimeSpan.Zero)));
    }

    [Fact]
    public async Task A_router_with_PCP_maps_the_port_and_the_mapping_is_removed_at_the_end()
    {
        Task answer = PlayAsync(AnswerPcp);
        var mapper = new PortMapper(TimeProvider.System) { ServerPort = Port };
        Assert.Equal(IPEndPoint.Parse("198.51.100.9:45000"), await mapper.MapAsync(41000, Network, Token));
        await mapper.DisposeAsync();
        Assert.Equal(2, _asked.Count);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32BigEndian(_asked[1].AsSpan(4)));
        Assert.Equal(_asked[0][24..36], _asked[1][24..36]);
        _router.Dispose();
        await answer;
    }

    [Fact]
    public async Task A_router_with_NAT_PMP_only_maps_the_port_and_the_mapping_is_removed_at_the_end()
    {
        Task answer = PlayAsync(AnswerNatPmp);
        var mapper = new PortMapper(TimeProvider.System) { ServerPort = Port };
        Assert.Equal(IPEndPoint.Parse("198.51.100.9:45000"), await mapper.MapAsync(41000, Network, Token));
        await mapper.DisposeAsync();
        Assert.Equal([2, 0, 0, 0], _asked.Select(a => a[0]));
        Assert.Equal("00020000A028000000000000", Convert.ToHexString(_asked[3]));
        _router.Dispose();
        await answer;
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("another nonce")]
    [InlineData("another port")]
    [InlineData("short")]
    public async Task An_answer_that_grants_nothing_is_no_mapping(string fault)
    {
        Task answer = PlayAsync(request =>
        {
            byte[] granted = AnswerPcp(request);
            switch (fault)
            {
                case "refused":
                    granted[3] = 8;
                    break;
                case "another nonce":
                    granted[24]++;
                    break;
                case "another port":
                    granted[41]++;
                    break;
                default:
                    granted = granted[..59];
                    break;
            }

            return granted;
        });
        await using var mapper = new PortMapper(TimeProvider.System) { ServerPort = Port };
        Assert.Null(await mapper.MapAsync(41000, Network, Token));
        _router.Dispose();
        await answer;
    }

    [Fact]
    public async Task A_router_that_does_not_answer_is_asked_three_times()
    {
        Task answer = PlayAsync(_ => null);
        await using var mapper = new PortMapper(TimeProvider.System) { ServerPort = Port };
        Assert.Null(await mapper.MapAsync(41000, Network, Token));
        Assert.Equal(3, _asked.Count);
        _router.Dispose();
        await answer;
    }

    private static byte[] AnswerPcp(byte[] request)
    {
        byte[] answer = [.. request];
        answer[1] |= 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(42), 45000);
        IPAddress.Parse("::ffff:198.51.100.9").GetAddressBytes().CopyTo(answer, 44);
        return answer;
    }

    private static byte[] AnswerNatPmp(byte[] request) => request switch
    {
        [2, ..] => [0, 0x81, 0, 1, 0, 0, 0, 0], // unsupported version
        [0, 0] => [0, 128, 0, 0, 0, 0, 0, 9, 198, 51, 100, 9],
        _ => [0, 130, 0, 0, 0, 0, 0, 9, request[4], request[5], 0xAF, 0xC8, .. request[8..]],
    };

    private async Task PlayAsync(Func<byte[], byte[]?> answer)
    {
        byte[] buffer = new byte[2000];
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _router.ReceiveFromAsync(buffer.AsMemory(), new IPEndPoint(IPAddress.Any, 0), Token);
                byte[] request = buffer[..received.ReceivedBytes];
                _asked.Add(request);
                if (answer(request) is { } reply)
                    await _router.SendToAsync(reply.AsMemory(), received.RemoteEndPoint, Token);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The router is switched off.
        }
    }
}
