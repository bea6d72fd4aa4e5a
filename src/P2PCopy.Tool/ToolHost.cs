using System.Text;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Tool.Engine;

namespace P2PCopy.Tool;

/// <summary>Everything the tool takes from its process, so that tests can give it something else.</summary>
internal sealed class ToolHost
{
    /// <summary>Opened by the first who reads: it costs milliseconds, and most runs are not asked anything.</summary>
    public required Lazy<TextReader> In { get; init; }

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required Func<Stream> OpenStandardInput { get; init; }

    public required Func<Stream> OpenStandardOutput { get; init; }

    public required Func<string, string?> Environment { get; init; }

    public required ITransferEngine Engine { get; init; }

    public bool InputIsTerminal { get; init; }

    public bool OutputIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Columns of the terminal.</summary>
    public Func<int> Width { get; init; } = () => 80;

    public Func<ConsoleKeyInfo> ReadKey { get; init; } = () => throw new InvalidOperationException("There is no keyboard.");

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>A person can be asked: there is a keyboard, and a screen to ask on.</summary>
    public bool CanAsk => InputIsTerminal && ErrorIsTerminal;

    /// <summary>An environment variable; null when unset or empty.</summary>
    public string? Variable(string name) => Environment(name) is { Length: > 0 } value ? value : null;

    public static ToolHost FromProcess()
    {
        return new ToolHost
        {
            In = new Lazy<TextReader>(() => Console.In),
            Out = Writer(Console.OpenStandardOutput(), isTerminal: !Console.IsOutputRedirected),
            Error = Writer(Console.OpenStandardError(), isTerminal: !Console.IsErrorRedirected),
            OpenStandardInput = Console.OpenStandardInput,
            OpenStandardOutput = OpenDataOutput,
            Environment = System.Environment.GetEnvironmentVariable,
            Engine = new TransferEngine(),
            InputIsTerminal = !Console.IsInputRedirected,
            OutputIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            Width = static () => Console.WindowWidth is > 0 and var columns ? columns : 80, // a terminal need not know its size
            ReadKey = static () => Console.ReadKey(intercept: true),
        };
    }

    /// <summary>
    /// What a keyboard or standard input gives. Such a read cannot be cancelled, only the waiting for it; the end of the
    /// process ends the read.
    /// </summary>
    public static Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancellationToken)
        => Task.Run(read, CancellationToken.None).WaitAsync(cancellationToken);

    /// <inheritdoc cref="ReadAsync"/>
    public static T Read<T>(Func<T> read, CancellationToken cancellationToken)
        => ReadAsync(read, cancellationToken).GetAwaiter().GetResult();

    private static StreamWriter Writer(Stream stream, bool isTerminal)
    {
        // Names are UTF-8 on the wire and on most disks; a locale of C must not turn them into question marks.
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new StreamWriter(isTerminal ? new TerminalStream(stream) : stream, utf8) { AutoFlush = true };
    }

    /// <summary>
    /// Standard output for data. .NET's console stream calls a write to a pipe whose reader is gone a success, and while
    /// a slow reader holds one up it lets nothing be written to standard error either; so it is used for files alone.
    /// </summary>
    private static Stream OpenDataOutput()
    {
        const int StandardOutput = 1;
        if (OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();

        var stream = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }
}
