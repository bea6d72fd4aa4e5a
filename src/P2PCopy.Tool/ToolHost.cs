using P2PCopy.Settings;
using P2PCopy.Tool.Engine;
using P2PCopy.Tool.Output;
using P2PCopy.Tool.Prompts;

namespace P2PCopy.Tool;

/// <summary>The parts of the process that the tool uses. Tests replace them.</summary>
internal sealed class ToolHost
{
    private const int LeastColumns = 20;
    private const int UsualColumns = 80;
    private const int MostTextColumns = 100;

    private P2PSettings? _settings;
    private Keyboard? _keyboard;

    /// <summary>Opened at the first read: opening it takes milliseconds, and most runs read nothing.</summary>
    public required Lazy<TextReader> In { get; init; }

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required Func<Stream> OpenStandardInput { get; init; }

    public required Func<Stream> OpenStandardOutput { get; init; }

    public required Func<string, string?> Environment { get; init; }

    public required ITransferEngine Engine { get; init; }

    /// <summary>Whether the process is the tool's own, which a sandbox may restrict.</summary>
    public bool OwnsProcess { get; init; }

    public bool InputIsTerminal { get; init; }

    public bool OutputIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Columns of the terminal.</summary>
    public Func<int> Width { get; init; } = () => 80;

    public Func<ConsoleKeyInfo> ReadKey { get; init; } = () => throw new InvalidOperationException("There is no keyboard.");

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether the user can be asked: there is a keyboard, and a screen for the question.</summary>
    public bool CanAsk => InputIsTerminal && ErrorIsTerminal;

    /// <summary>The keys of the terminal.</summary>
    public Keyboard Keyboard => _keyboard ??= new Keyboard(ReadKey, OwnsProcess);

    /// <summary>Whether a line on standard error can be drawn again.</summary>
    public bool HasLiveLine => ErrorIsTerminal && Variable("TERM") != "dumb";

    /// <summary>Whether standard error may have colours (https://no-color.org).</summary>
    public bool ErrorHasColour => HasLiveLine && Variable("NO_COLOR") is null;

    /// <summary>Columns for one line on standard error. The last column stays free: some terminals wrap as soon as it is written.</summary>
    public int ErrorColumns => Math.Max(LeastColumns, ErrorIsTerminal ? Width() : UsualColumns) - 1;

    /// <summary>Columns for sentences, which are hard to read when they are very long.</summary>
    public int TextColumns => Math.Clamp(Width(), LeastColumns, MostTextColumns) - 1;

    /// <summary>An environment variable; null if it is not set or empty.</summary>
    public string? Variable(string name) => Environment(name) is { Length: > 0 } value ? value : null;

    /// <summary>The user's settings, read when they are first needed.</summary>
    /// <exception cref="P2PException">They cannot be used.</exception>
    public P2PSettings Settings => _settings ??= P2PSettings.Load(SettingsLocation.Find(Variable), mustExist: Variable(SettingsLocation.Variable) is not null, Variable);

    /// <summary>Whether standard error carries the lines of the transfer, because standard output carries its content.</summary>
    public bool ErrorCarriesLines { get; set; }

    /// <summary>
    /// Whether lines of the command's own output are lost. Lines that only accompany it (progress, warnings, the log of a relay) do
    /// not count.
    /// </summary>
    public bool HasLostLines => HasLost(Out) || (ErrorCarriesLines && HasLost(Error));

    public static ToolHost FromProcess()
    {
        LineWriter error = StandardStreams.OpenError();
        return new ToolHost
        {
            In = new Lazy<TextReader>(StandardStreams.OpenTextInput),
            Out = StandardStreams.OpenOutput(error),
            Error = error,
            OpenStandardInput = StandardStreams.OpenInput,
            OpenStandardOutput = StandardStreams.OpenContentOutput,
            Environment = System.Environment.GetEnvironmentVariable,
            Engine = new TransferEngine(),
            OwnsProcess = true,
            InputIsTerminal = !Console.IsInputRedirected,
            OutputIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            Width = static () => Console.WindowWidth is > 0 and var columns ? columns : 80, // a terminal may not know its size
            ReadKey = static () => Console.ReadKey(intercept: true),
        };
    }

    /// <summary>
    /// Reads from the keyboard or from standard input. The read itself cannot be cancelled; cancellation ends the wait for it, and
    /// the end of the process ends the read.
    /// </summary>
    public static Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancellationToken)
        => Task.Run(read, CancellationToken.None).WaitAsync(cancellationToken);

    /// <inheritdoc cref="ReadAsync"/>
    public static T Read<T>(Func<T> read, CancellationToken cancellationToken)
        => ReadAsync(read, cancellationToken).GetAwaiter().GetResult();

    /// <summary>From now on no reader of the output can stop this process, see <see cref="LineWriter.DropWhenStuck"/>.</summary>
    public void DropWhenStuck()
    {
        foreach (TextWriter writer in (TextWriter[])[Out, Error])
            (writer as LineWriter)?.DropWhenStuck();
    }

    private static bool HasLost(TextWriter writer) => writer is LineWriter { HasLost: true };
}
