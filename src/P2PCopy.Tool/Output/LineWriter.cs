using System.Text;

namespace P2PCopy.Tool.Output;

/// <summary>
/// Writes text to standard output or standard error. A file that is full, a descriptor that is closed, a pipe without a reader or a
/// terminal that is gone never stops the command: the text is dropped and <see cref="HasLost"/> says so. Each call is one write, so
/// a line is written as a whole or not at all, as far as the system allows it.
/// </summary>
/// <param name="stream">Receives UTF-8 in every locale, because names are UTF-8 on the wire and on most disks.</param>
/// <param name="onFirstLoss">Is called once, with the first error.</param>
internal sealed class LineWriter(Stream stream, Action<Exception>? onFirstLoss = null) : TextWriter
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    // Long enough for a pager or a script that is busy for a moment.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private bool _hasLost;
    private bool _hasFragment;

    public override Encoding Encoding => Utf8;

    /// <summary>Some text could not be written.</summary>
    public bool HasLost => Volatile.Read(ref _hasLost);

    public override void Write(char value) => TryWrite(value.ToString());

    public override void Write(char[] buffer, int index, int count) => TryWrite(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => TryWrite(new string(buffer));

    public override void Write(string? value) => TryWrite(value ?? string.Empty);

    public override void WriteLine() => TryWrite(NewLine);

    public override void WriteLine(string? value) => TryWriteLine(value ?? string.Empty);

    public override void WriteLine(ReadOnlySpan<char> buffer) => TryWriteLine(new string(buffer));

    /// <summary>From now on text is also dropped when the reader of a pipe reads nothing for 10 s.</summary>
    public void DropWhenStuck()
    {
        if (stream is DescriptorStream descriptor)
            descriptor.Patience = Patience;
    }

    /// <summary>Writes a line; false if it was dropped.</summary>
    public bool TryWriteLine(string line) => TryWrite(line + NewLine);

    private bool TryWrite(string text)
    {
        Exception? first = null;
        lock (_gate)
        {
            try
            {
                // The fragment of a line stays a line of its own.
                byte[] bytes = Utf8.GetBytes(_hasFragment ? NewLine + text : text);
                stream.Write(bytes);
                stream.Flush();
                _hasFragment = false;
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                if (stream is DescriptorStream descriptor)
                    _hasFragment = descriptor.EndsInsideLine;
                if (!HasLost)
                    first = e;
                Volatile.Write(ref _hasLost, true);
            }
        }

        if (first is not null)
            onFirstLoss?.Invoke(first);
        return false;
    }
}
