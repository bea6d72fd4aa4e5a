using System.CommandLine;
using System.CommandLine.Parsing;
using P2PCopy.Primitives.Options;
using P2PCopy.Tool.Codes;
using P2PCopy.Tool.Display;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tool.Options;

/// <summary>The options that <c>send</c> and <c>receive</c> share.</summary>
internal sealed class TransferOptionTable<T>(T defaults)
    where T : TransferOptions
{
    private const string Code = nameof(TransferOptions.Code);
    private const string CodeFile = "CodeFile";
    private readonly OptionBinder<T> _binder = new(TransferOptionList.For<T>(), defaults);

    public void AddTo(Command command)
    {
        _binder.AddTo(command, OptionGroup.Transfer);
        ConnectionOptionTable.AddChecks(command, _binder);
        command.Validators.Add(SecretSource.GivenOnce(_binder[Code], _binder[CodeFile]));
    }

    private bool HasRelay(ParseResult result) => _binder.List(result, nameof(TransferOptions.Relays)).Count > 0;

    /// <summary>The listen addresses for a relay in this process.</summary>
    /// <exception cref="P2PException">The command line names another relay too.</exception>
    public IReadOnlyList<string> Listen(ParseResult result)
    {
        IReadOnlyList<string> listen = _binder.List(result, "Listen");
        return listen.Count == 0 || !HasRelay(result)
            ? listen
            : throw new P2PException(P2PErrorCode.InvalidOption, "--listen is for a relay in this process, and --relay names another relay.") { Hint = "Use one of them." };
    }

    /// <summary>The options with every value of this table except the code, which may have to be asked for.</summary>
    /// <param name="options">Options with the user's settings.</param>
    /// <param name="result">The command line.</param>
    /// <param name="host">The environment.</param>
    /// <param name="usesUsualRelays">Whether the relays of the environment or the settings are used if the command line has none.</param>
    public T Apply(T options, ParseResult result, ToolHost host, bool usesUsualRelays = true)
    {
        IReadOnlyList<Uri> usual = ConnectionOptionTable.RelaysOfEnvironment(host) is { Length: > 0 } ofEnvironment ? ofEnvironment : options.Relays;
        options = _binder.Apply(options with { Relays = [] }, result);
        if (options.Relays.Count == 0 && usesUsualRelays)
            options = options with { Relays = usual };
        return ConnectionOptionTable.WithToken(options, options.Relays.Count > 0 ? options.Relays[0] : null, _binder, result, host);
    }

    /// <summary>The options with the question about the verification words, if --verify is given.</summary>
    public T WithVerify(T options, ParseResult result, ToolHost host, ITransferDisplay display, bool isJson)
    {
        if (!_binder.Flag(result, nameof(TransferOptions.Verify)))
            return options;
        return host.CanAsk && !isJson
            ? options with { Verify = display.VerifyAsync }
            : throw new P2PException(P2PErrorCode.InvalidOption, "--verify asks a question, which needs a terminal and no --json.") { Hint = "Run the command on a terminal, without --json." };
    }

    /// <summary>Whether the code is on standard input.</summary>
    public bool ReadsCodeFromInput(ParseResult result) => _binder.Text(result, Code) == "-";

    /// <summary>The code of the command line, of a file, of the environment, or of standard input; null if there is none.</summary>
    public PairingCode? FindCode(ParseResult result, ToolHost host, CancellationToken cancellationToken)
        => CodeSource.Find(host, _binder.Text(result, Code), _binder.Text(result, CodeFile), cancellationToken);

    /// <summary>Refuses a code among the arguments together with one in an option.</summary>
    public void CheckGivenOnce(CommandResult result, string? codeArgument)
    {
        if (codeArgument is not null && (result.GetResult(_binder[Code]) is { Implicit: false } || result.GetResult(_binder[CodeFile]) is { Implicit: false }))
            result.AddError("Give the code once: as an argument, with --code or with --code-file.");
    }
}
