using P2PCopy.Primitives;

namespace P2PCopy.Tool.Output;

/// <summary>A standard stream that was closed before the process started: no write succeeds.</summary>
internal sealed class ClosedStream : ForwardStream
{
    public override void Write(byte[] buffer, int offset, int count) => throw new IOException("It is closed");
}
