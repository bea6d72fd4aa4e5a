using P2PCopy.Tool;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>Runs the tool inside the test, with an engine, an environment and a terminal that the test chooses.</summary>
#pragma warning disable CA1001 // A StringWriter holds nothing to release.
internal sealed class ToolRun
#pragma warning restore CA1001
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public FakeEngine Engine { get; } = new();

    public Dictionary<string, string> Environment { get; } = new() { ["NO_COLOR"] = "1" };

    public string Input { get; set; } = string.Empty;

    /// <summary>Neither standard input nor the keyboard ever gives anything.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Reading fails, as from a terminal that was closed.</summary>
    public bool IsCutOff { get; init; }

    public bool OnTerminal { get; set; }

    public int Width { get; set; } = 80;

    public Queue<ConsoleKeyInfo> Keys { get; } = new();

    public MemoryStream StandardOutput { get; } = new();

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>For commands that are only read, never run: it has no input, takes no output and knows no environment.</summary>
    public static ToolHost SilentHost() => new()
    {
        In = new(TextReader.Null),
        Out = TextWriter.Null,
        Error = TextWriter.Null,
        OpenStandardInput = () => Stream.Null,
        OpenStandardOutput = () => Stream.Null,
        Environment = _ => null,
        Engine = new FakeEngine(),
    };

    public Task<int> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public Task<int> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        _out.NewLine = _error.NewLine = "\n";
        var host = new ToolHost
        {
            In = new(IsSilent ? new SilentReader() : IsCutOff ? new CutOffReader() : new StringReader(Input)),
            Out = _out,
            Error = _error,
            OpenStandardInput = () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Input)),
            OpenStandardOutput = () => StandardOutput,
            Environment = name => Environment.GetValueOrDefault(name),
            Engine = Engine,
            InputIsTerminal = OnTerminal,
            OutputIsTerminal = OnTerminal,
            ErrorIsTerminal = OnTerminal,
            Width = () => Width,
            ReadKey = IsSilent ? Hang<ConsoleKeyInfo> : IsCutOff ? () => throw new IOException("Input/output error") : NextKey,
        };
        return CommandLine.RunAsync(host, arguments, cancellationToken);
    }

    private static T Hang<T>()
    {
        Thread.Sleep(Timeout.Infinite);
        throw new InvalidOperationException();
    }

    private sealed class SilentReader : TextReader
    {
        public override string? ReadLine() => Hang<string>();

        public override string ReadToEnd() => Hang<string>();
    }

    private sealed class CutOffReader : TextReader
    {
        public override string? ReadLine() => throw new IOException("Input/output error");
    }

    // After the last key the user waits: a test that types too little must not be told that input ended.
    private ConsoleKeyInfo NextKey() => Keys.TryDequeue(out ConsoleKeyInfo key) ? key : Hang<ConsoleKeyInfo>();

    public void Press(ConsoleKey key, ConsoleModifiers modifiers = default)
        => Keys.Enqueue(new ConsoleKeyInfo('\0', key, modifiers.HasFlag(ConsoleModifiers.Shift), modifiers.HasFlag(ConsoleModifiers.Alt), modifiers.HasFlag(ConsoleModifiers.Control)));

    public void Type(string text)
    {
        foreach (char c in text)
        {
            Keys.Enqueue(c switch
            {
                '\t' => new ConsoleKeyInfo(c, ConsoleKey.Tab, false, false, false),
                '\n' => new ConsoleKeyInfo(c, ConsoleKey.Enter, false, false, false),
                '\b' => new ConsoleKeyInfo(c, ConsoleKey.Backspace, false, false, false),
                '\u001b' => new ConsoleKeyInfo(c, ConsoleKey.Escape, false, false, false),
                _ => new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false),
            });
        }
    }
}
