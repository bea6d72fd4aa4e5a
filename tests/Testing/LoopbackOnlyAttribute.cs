using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Reflection;
using P2PCopy.Tests.Testing;
using Xunit.v3;

[assembly: LoopbackOnly]

namespace P2PCopy.Tests.Testing;

/// <summary>
/// A test fails when this process connected a socket, TCP or UDP, to another address than loopback while it ran. Processes that tests
/// start have direct connections off, except in namespaces.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class LoopbackOnlyAttribute : BeforeAfterTestAttribute
{
    private static readonly ConnectListener Listener = new();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => _ = Listener;

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Listener.Foreign.TryTake(out string? address))
            Assert.Fail($"This or another test of this moment connected to {address}, which is no loopback address.");
        if (P2PCopy.Session.Discovery.MulticastSocket.Opened > 0)
            Assert.Fail("This or another test looked for other machines by multicast.");
    }

    /// <summary>The address in the text of a socket address, <c>InterNetwork:16:{31,144,127,0,0,1,…}</c>; null if it is loopback or no IP address.</summary>
    internal static string? ForeignOf(string text)
    {
        int brace = text.IndexOf('{', StringComparison.Ordinal);
        if (brace < 0 || !text.StartsWith("InterNetwork", StringComparison.Ordinal))
            return null;
        byte[] bytes = [.. text[(brace + 1)..].TrimEnd('}').Split(',').Select(b => byte.Parse(b, CultureInfo.InvariantCulture))];
        var address = text.StartsWith("InterNetworkV6", StringComparison.Ordinal)
            ? new System.Net.IPAddress(bytes.AsSpan(6, 16))
            : new System.Net.IPAddress(bytes.AsSpan(2, 4));
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address; // a mapped 127.0.0.2 is no loopback address for IsLoopback
        return System.Net.IPAddress.IsLoopback(address) ? null : address.ToString();
    }

    private sealed class ConnectListener : EventListener
    {
        public ConcurrentBag<string> Foreign { get; } = [];

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "System.Net.Sockets")
                EnableEvents(eventSource, EventLevel.Informational);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName == "ConnectStart" && eventData.Payload is [string address, ..] && ForeignOf(address) is { } foreign)
                Foreign?.Add(foreign);
        }
    }
}
