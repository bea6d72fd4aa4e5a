using System.Text;

namespace P2PCopy.Tests.Documentation.Examples;

/// <summary>The output of a process, which is read all the time so that the process never waits for a reader.</summary>
internal sealed class ProcessOutput
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private readonly Task _reading;
    private TaskCompletionSource _changed = New();
    private int _taken;

    public ProcessOutput(StreamReader reader) => _reading = ReadAsync(reader);

    public async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        string? line = null;
        await UntilAsync(
            text =>
            {
                int end = text.IndexOf('\n', _taken);
                if (end < 0)
                    return false;
                line = text[_taken..end].TrimEnd('\r');
                _taken = end + 1;
                return true;
            },
            cancellationToken);
        return line!;
    }

    public Task WaitForAsync(string text, CancellationToken cancellationToken)
        => UntilAsync(output => output.Contains(text, StringComparison.Ordinal), cancellationToken);

    /// <summary>The output to its end, without the lines that were read.</summary>
    public async Task<string> RestAsync()
    {
        await _reading;
        return _text.ToString()[_taken..];
    }

    private async Task UntilAsync(Func<string, bool> isThere, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (isThere(_text.ToString()))
                    return;
                changed = _changed.Task;
            }

            if (_reading.IsCompleted)
                throw new InvalidOperationException($"The process has ended. Its output is:\n{_text}");
            await Task.WhenAny(changed, _reading).WaitAsync(cancellationToken);
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        char[] buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            TaskCompletionSource changed;
            lock (_lock)
            {
                _text.Append(buffer, 0, count);
                (changed, _changed) = (_changed, New());
            }

            changed.SetResult();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
