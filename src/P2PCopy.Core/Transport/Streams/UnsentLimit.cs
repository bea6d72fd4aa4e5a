using System.Net.Sockets;

namespace P2PCopy.Transport.Streams;

/// <summary>
/// Limits the unsent bytes that a socket holds. Without the limit a connection takes megabytes at once and looks free while
/// they wait in the kernel. With it, the sender sees which connection can carry bytes now, and urgent messages wait behind
/// fewer bytes. Bytes in flight are not limited: the system tunes those.
/// </summary>
internal static class UnsentLimit
{
    /// <summary>In bytes; enough for the time in which the next record is sealed.</summary>
    private const int Bytes = 512 << 10;

    // TCP_NOTSENT_LOWAT has a different number on each system. Windows has no such option; it limits by bandwidth and delay itself.
    private const int LinuxOption = 25;
    private const int MacOption = 0x201;

    /// <summary>Sets the limit on a connected TCP socket. .NET does not let an unconnected socket with a raw option try several addresses.</summary>
    public static void Set(Socket socket)
    {
        int option = OperatingSystem.IsLinux() ? LinuxOption : OperatingSystem.IsMacOS() ? MacOption : 0;
        if (option == 0)
            return;
        try
        {
            socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, option, BitConverter.GetBytes(Bytes));
        }
        catch (SocketException)
        {
            // The system does not support it; the limit is an optimisation.
        }
    }
}
