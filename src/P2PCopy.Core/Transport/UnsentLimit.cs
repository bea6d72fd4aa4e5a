using System.Net.Sockets;

namespace P2PCopy.Transport;

/// <summary>
/// Bounds what a socket takes before the network does. Without it a connection swallows megabytes at once and looks free
/// while they wait in the kernel; with it, who shares bytes out among connections sees which one can carry them now, and
/// what is urgent waits behind less. What is on the way is not bounded: the system goes on tuning that.
/// </summary>
internal static class UnsentLimit
{
    /// <summary>Bytes: enough for the time in which the next record is sealed.</summary>
    private const int Bytes = 512 << 10;

    // TCP_NOTSENT_LOWAT, as each system numbers it; Windows has no such option and bounds by bandwidth and delay itself.
    private const int LinuxOption = 25;
    private const int MacOption = 0x201;

    /// <summary>Sets it on a connected TCP socket: an option of no name here would keep an unconnected one from trying several addresses.</summary>
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
            // A system without it works as before.
        }
    }
}
