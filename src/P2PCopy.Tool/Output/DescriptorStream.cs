using System.ComponentModel;
using System.Runtime.InteropServices;
using P2PCopy.Primitives;

namespace P2PCopy.Tool.Output;

/// <summary>
/// Writes to a descriptor of Linux or macOS. The console stream of .NET reports a write to a pipe without a reader as a success, and
/// a slow reader of one stream delays the others. The reader of a pipe may stop reading: see <see cref="Patience"/>.
/// </summary>
internal sealed class DescriptorStream(int descriptor) : ForwardStream
{
    private const int Interrupted = 4; // EINTR
    private const int WouldBlockOnLinux = 11; // EAGAIN
    private const int WouldBlockOnMac = 35;

    private const short Writable = 4; // POLLOUT
    private const int SeekCurrent = 1; // SEEK_CUR

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    // A pipe that is ready accepts so many bytes at once (PIPE_BUF), so the write does not wait.
    private static readonly int PipePiece = OperatingSystem.IsLinux() ? 4096 : 512;

    private readonly bool _isPipe = lseek(descriptor, 0, SeekCurrent) < 0;
    private bool _isStuck;
    private byte _last = (byte)'\n';

    /// <summary>The last byte that was written does not end a line.</summary>
    public bool EndsInsideLine => _last != (byte)'\n';

    /// <summary>
    /// How long a write waits for the reader of a pipe; null without a limit. After that, writes fail at once until the reader
    /// reads again.
    /// </summary>
    public TimeSpan? Patience { get; set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            bool isBounded = _isPipe && Patience is not null;
            if (isBounded)
                WaitForReader();
            nint written = write(descriptor, ref MemoryMarshal.GetReference(buffer), isBounded ? Math.Min(buffer.Length, PipePiece) : buffer.Length);
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

    private void WaitForReader()
    {
        var state = new PollState { Descriptor = descriptor, Events = Writable };
        int ready;
        do
            ready = poll(ref state, 1, _isStuck ? 0 : (int)Patience!.Value.TotalMilliseconds);
        while (ready < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        _isStuck = ready == 0;
        if (_isStuck)
            throw new IOException("Its reader reads nothing");
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int poll(ref PollState state, nuint count, int milliseconds);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern long lseek(int descriptor, long offset, int origin);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint write(int descriptor, ref byte buffer, nint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollState
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
