using System.ComponentModel;
using System.Runtime.InteropServices;
using P2PCopy.Primitives;

namespace P2PCopy.Tool.Output;

/// <summary>
/// Writes to a descriptor of Linux or macOS. The console stream of .NET reports a write to a pipe without a reader as a success, and
/// a slow reader of one stream delays the others.
/// </summary>
internal sealed class DescriptorStream(int descriptor) : ForwardStream
{
    private const int Interrupted = 4; // EINTR
    private const int WouldBlockOnLinux = 11; // EAGAIN
    private const int WouldBlockOnMac = 35;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private byte _last = (byte)'\n';

    /// <summary>The last byte that was written does not end a line.</summary>
    public bool EndsInsideLine => _last != (byte)'\n';

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            nint written = write(descriptor, ref MemoryMarshal.GetReference(buffer), buffer.Length);
            if (written > 0)
            {
                _last = buffer[(int)written - 1];
                buffer = buffer[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (written < 0 && error == (OperatingSystem.IsMacOS() ? WouldBlockOnMac : WouldBlockOnLinux))
                Thread.Sleep(Pause);
            else if (written == 0 || error != Interrupted)
                throw new IOException(new Win32Exception(error).Message);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint write(int descriptor, ref byte buffer, nint count);
}
