using System.CommandLine;
using P2PCopy.Tool.Codes;

namespace P2PCopy.Tool.Options;

/// <summary>What <c>send</c> and <c>receive</c> share: names and defaults are those of <see cref="TransferOptions"/>.</summary>
internal sealed class TransferOptionTable
{
    private static readonly SendOptions Defaults = new();

    public ConnectionOptionTable Connection { get; } = new();

    public Option<string[]> Relay { get; } = Define.Texts("--relay", "uri",
        "Relay to dial, wss://host[/prefix] or ws://host:port; several are tried in order. Environment: P2PCOPY_RELAY");

    public Option<string?> Code { get; } = Define.Text("--code", "code",
        "The shared code, or - to read it from standard input. Other users may see your command line: better P2PCOPY_CODE");

    public Option<string?> CodeFile { get; } = Define.Text("--code-file", "file",
        "Read the code from the first line of a file, such as a mounted secret");

    public Option<PayloadEncryption> Encryption { get; } = Define.Choice("--encryption", Defaults.Encryption,
        "Whether file content is encrypted; off must be set on both sides");

    public Option<int> WaitTimeout { get; } = Define.Seconds("--wait-timeout", Defaults.WaitTimeoutSeconds, 0, int.MaxValue,
        "How long to wait for the other side; 0 waits for ever");

    public Option<int> RetryTimeout { get; } = Define.Seconds("--retry-timeout", Defaults.RetryTimeoutSeconds, 0, int.MaxValue,
        "How long to go on trying after a lost connection");

    public Option<int> SilenceTimeout { get; } = Define.Seconds("--silence-timeout", Defaults.SilenceTimeoutSeconds, 5, 3600,
        "How long without a sign of the other side until a connection counts as lost");

    public void AddTo(Command command)
    {
        command.Options.Add(Relay);
        command.Options.Add(Code);
        command.Options.Add(CodeFile);
        Connection.AddTo(command);
        command.Options.Add(Encryption);
        command.Options.Add(WaitTimeout);
        command.Options.Add(RetryTimeout);
        command.Options.Add(SilenceTimeout);
        command.Validators.Add(Secret.GivenOnce(Code, CodeFile));
    }

    /// <summary>The options with everything of this table but the code, which may have to be asked for.</summary>
    public T Apply<T>(T options, ParseResult result, ToolHost host)
        where T : TransferOptions
        => Connection.Apply(options, result, host) with
        {
            Relay = ConnectionOptionTable.Relays(result.GetValue(Relay), host),
            Encryption = result.GetValue(Encryption),
            WaitTimeoutSeconds = result.GetValue(WaitTimeout),
            RetryTimeoutSeconds = result.GetValue(RetryTimeout),
            SilenceTimeoutSeconds = result.GetValue(SilenceTimeout),
        };
}
