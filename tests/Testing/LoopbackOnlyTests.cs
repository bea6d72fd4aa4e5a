using System.Net;
using System.Net.Sockets;

namespace P2PCopy.Tests.Testing;

/// <summary>The watch over the addresses that tests connect to sees them.</summary>
public sealed class LoopbackOnlyTests
{
    [Theory]
    [InlineData("::ffff:127.0.0.2", null)]
    [InlineData("127.0.0.1", null)]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::1", null)]
    [InlineData("2001:db8::7", "2001:db8::7")]
    public void A_foreign_address_is_seen_in_the_text_of_an_event(string address, string? foreign)
        => Assert.Equal(foreign, LoopbackOnlyAttribute.ForeignOf(new IPEndPoint(IPAddress.Parse(address), 8080).Serialize().ToString()));

    [Fact]
    public async Task An_event_is_written_for_each_connect()
    {
        using var listener = new SeenConnects();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        target.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        target.Listen();
        await socket.ConnectAsync(target.LocalEndPoint!, TestContext.Current.CancellationToken);
        Assert.Contains(target.LocalEndPoint!.Serialize().ToString(), listener.Seen);
    }

    private sealed class SeenConnects : System.Diagnostics.Tracing.EventListener
    {
        public System.Collections.Concurrent.ConcurrentBag<string> Seen { get; } = [];

        protected override void OnEventSourceCreated(System.Diagnostics.Tracing.EventSource eventSource)
        {
            if (eventSource.Name == "System.Net.Sockets")
                EnableEvents(eventSource, System.Diagnostics.Tracing.EventLevel.Informational);
        }

        protected override void OnEventWritten(System.Diagnostics.Tracing.EventWrittenEventArgs eventData)
        {
            if (eventData.EventName == "ConnectStart" && eventData.Payload is [string address, ..])
                Seen?.Add(address);
        }
    }
}
