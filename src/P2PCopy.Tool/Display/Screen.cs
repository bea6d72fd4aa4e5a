using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Display;

/// <summary>
/// Writes lines to <see cref="ToolHost.Out"/>, and errors, warnings and one live line to <see cref="ToolHost.Error"/>. A lock keeps the
/// lines of several threads apart.
/// </summary>
/// <param name="host">The streams.</param>
/// <param name="linesToError">All lines go to the error stream, because standard output carries content.</param>
internal sealed class Screen(ToolHost host, bool linesToError = false)
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly TextWriter _lines = linesToError ? host.Error : host.Out;
    private bool _lineIsLive;
    private int _questions;
    private long _lastPlain = host.Clock.GetTimestamp();

    /// <summary>Columns of a live line, and of names that are shortened.</summary>
    public int Columns => host.ErrorColumns;

    /// <summary>Writes a sentence. On a terminal it is broken between words.</summary>
    public void Line(string text) => Write(w => w.WriteLine(LinesAreOnTerminal ? HumanText.Wrap(text, host.TextColumns, 0) : text));

    /// <summary>Writes text that is there to be copied, as it is.</summary>
    public void Verbatim(string text) => Write(w => w.WriteLine(text));

    /// <summary>Writes several lines together.</summary>
    public void Write(Action<TextWriter> write)
    {
        lock (_gate)
        {
            EraseLive();
            write(_lines);
        }
    }

    /// <summary>Writes to the error stream: a coloured label, such as <c>error: </c>, and a sentence that is broken behind it.</summary>
    public void Trouble(Label label, string text)
    {
        lock (_gate)
        {
            EraseLive();
            host.Error.WriteLine(label.Before(text, host));
        }
    }

    /// <summary>Writes an error: one sentence, and the hint on a line of its own.</summary>
    public void Error(P2PException error)
    {
        Trouble(Label.Error, $"{Safe(error.Message)} [{error.Code}]");
        if (error.Hint is { } hint)
            Trouble(Label.Hint, Safe(hint));
    }

    /// <summary>Shows the progress: as one live line on a terminal, elsewhere as a line every ten seconds.</summary>
    public void Progress(TransferProgress value, PeerRole role)
    {
        lock (_gate)
        {
            if (_questions > 0)
                return;
            if (host.HasLiveLine)
            {
                if (value.Phase is TransferPhase.Completed or TransferPhase.Waiting)
                {
                    EraseLive();
                    return;
                }

                host.Error.Write("\r" + ProgressLine.Format(value, role, Columns) + "\u001b[K");
                _lineIsLive = true;
            }
            else if (value.Phase is TransferPhase.Comparing or TransferPhase.Transferring && host.Clock.GetElapsedTime(_lastPlain) >= PlainInterval)
            {
                _lastPlain = host.Clock.GetTimestamp();
                host.Error.WriteLine(ProgressLine.Format(value, role, Columns));
            }
        }
    }

    /// <summary>Shows text and a question below it. Until the answer there is no live line.</summary>
    /// <param name="before">Writes the text.</param>
    /// <param name="ask">Asks.</param>
    public async ValueTask<T> AskAsync<T>(Action<TextWriter> before, Func<T> ask)
    {
        lock (_gate)
        {
            EraseLive();
            _questions++;
            before(host.Error);
        }

        try
        {
            return await Task.Run(ask);
        }
        finally
        {
            lock (_gate)
                _questions--;
        }
    }

    /// <summary>Removes the <c>^C</c> that the terminal shows for Ctrl+C.</summary>
    public void EraseInterrupt()
    {
        lock (_gate)
        {
            if (host.HasLiveLine)
                host.Error.Write("\r\u001b[K");
            _lineIsLive = false;
        }
    }

    private bool LinesAreOnTerminal => linesToError ? host.ErrorIsTerminal : host.OutputIsTerminal;

    private void EraseLive()
    {
        if (!_lineIsLive)
            return;

        host.Error.Write("\r\u001b[K");
        _lineIsLive = false;
    }

    private static string Safe(string text) => HumanText.Safe(ToolOptionNames.In(text));
}
