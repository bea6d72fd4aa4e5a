using System.CommandLine;
using System.Runtime.Versioning;
using P2PCopy.Files.Destination;
using P2PCopy.Primitives.Options;
using P2PCopy.Tool.Codes;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Engine;
using P2PCopy.Tool.Options;
using P2PCopy.Tool.Prompts;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tool.Commands;

/// <summary><c>p2pcopy receive</c>.</summary>
internal sealed class ReceiveCommand
{
    public const string Name = "receive";
    public const string Description = "Receive the files that a sender with the same code offers";

    private readonly ToolHost _host;
    private readonly TransferOptionTable<ReceiveOptions> _shared = new(new ReceiveOptions());
    private readonly ReceiveOptionTable _receive = new();
    private readonly OutputOptionTable _output = new();
    private readonly Option<bool> _yes = Define.Flag("--yes", "Do not ask before receiving on a terminal", "-y");

    private ReceiveCommand(ToolHost host) => _host = host;

    public static Command Create(ToolHost host)
    {
        var receive = new ReceiveCommand(host);
        var command = new Command(Name, Description);
        receive._receive.AddTo(command);
        receive._shared.AddTo(command);
        command.Validators.Add(result => receive._shared.CheckGivenOnce(result, receive._receive.CodeArgument(result)));
        receive._output.AddTo(command);
        command.Add(receive._yes, OptionGroup.Output);
        command.SetAction((result, cancellationToken) =>
        {
            ITransferDisplay display = TransferRun.CreateDisplay(
                host, PeerRole.Receive, receive._output, result, receive._receive.Stdout(result), isStanding: receive._receive.Continuous(result));
            return TransferRun.ExecuteAsync(display, token => receive.RunAsync(result, display, token), cancellationToken);
        });
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, ITransferDisplay display, CancellationToken cancellationToken)
    {
        bool whatIf = result.GetValue(_output.WhatIf);
        bool mayAsk = _host.CanAsk && !_receive.Continuous(result) && !result.GetValue(_output.Json);
        bool ask = mayAsk && !result.GetValue(_yes);
        bool declined = false;

        CheckStandardOutput(result);
        IReadOnlyList<string> listen = _shared.Listen(result);
        ReceiveOptions options = _receive.Apply(_shared.Apply(_host.Settings.Receive, result, _host, usesUsualRelays: listen.Count == 0), result);
        if (listen.Count > 0)
            options = options with { EmbeddedRelay = _host.Engine.EmbeddedRelay(listen) };
        OptionCheck.Relays(options);

        // Before the user is asked for a code, and before the wait for the sender.
        if (!_receive.Stdout(result))
            DestinationCheck.Refuse(options.Destination);
        if (_receive.Sha256List(result) is { } digests)
            Sha256List.Check(digests);

        if (OperatingSystem.IsLinux() && !whatIf && _host.OwnsProcess)
            EnterSandbox(result, options.Destination);

        var question = new CodeQuestion(_host);
        PairingCode? given = _receive.CodeArgument(result) is { } typed ? PairingCode.Parse(typed) : _shared.FindCode(result, _host, cancellationToken);
        if (given is null && !_host.CanAsk)
        {
            throw new P2PException(P2PErrorCode.InvalidOption, "There is no code.")
            {
                Hint = "Set P2PCOPY_CODE, use --code-file, use --code - to read standard input, or run the command on a terminal, which asks for it.",
            };
        }

        // A question for each file needs a user; scripts and pipes are never asked.
        if (ask && options.OnConflict is null)
            options = options with { OnConflict = ConflictPolicy.Ask };
        if (options.OnConflict == ConflictPolicy.Ask && !mayAsk)
            throw new P2PException(P2PErrorCode.InvalidOption, "--on-conflict ask asks questions, which needs a terminal and no --json.") { Hint = "Choose another value, for example update or skip." };
        var consent = new OfferConsent(display, options);
        options = options with
        {
            OutputStream = _receive.Stdout(result) ? _host.OpenStandardOutput() : null,
            OnEvent = display.OnEvent,

            // Without a question the engine need not look at every file here first.
            ConfirmOffer = ask || whatIf ? ConfirmAsync : null,
            ResolveConflict = consent.MayKeep ? consent.ResolveAsync : null,
        };

        async ValueTask<bool> ConfirmAsync(TransferOffer offer, CancellationToken token)
        {
            if (whatIf && !offer.IsRepeat)
                display.WhatIf(offer);
            bool agreed = !whatIf && await consent.AgreeAsync(offer, token);
            declined |= !agreed && !offer.IsRepeat;
            return agreed;
        }

        options = _shared.WithVerify(options, result, _host, display, result.GetValue(_output.Json));
        if (_receive.Continuous(result))
        {
            return whatIf
                ? throw new P2PException(P2PErrorCode.InvalidOption, "--what-if shows one offer, so it cannot be used with --continuous.") { Hint = "Omit one of them." }
                : await StandAsync(options with { Code = given ?? question.Ask(cancellationToken) }, display, cancellationToken);
        }

        TransferReport report = given is not null
            ? await _host.Engine.ReceiveAsync(options with { Code = given }, display, cancellationToken)
            : await ReceiveAskedAsync(options, question, display, cancellationToken);
        if (whatIf && declined)
            return 0;
        if (declined)
        {
            display.Error(new P2PException(P2PErrorCode.Cancelled, "The offer was declined, nothing was written, and the sender was notified."));
            return P2PErrorCode.Cancelled.ExitStatus();
        }

        int status = TransferRun.Finish(display, report);
        if (_receive.Sha256List(result) is { } list)
            await WriteListAsync(list, options.Destination, report, cancellationToken);
        return status;
    }

    /// <summary>Before standard input is read, because the program starts anew.</summary>
    [SupportedOSPlatform("linux")]
    private void EnterSandbox(ParseResult result, string destination)
    {
        if (_receive.Continuous(result))
        {
            Directory.CreateDirectory(destination);
            Sandbox.Enter(_host, [destination]);
        }
        else if (Sandbox.IsWanted(_host))
        {
            string[] list = _receive.Sha256List(result) is { } path ? [Path.GetDirectoryName(Path.GetFullPath(path))!] : [];
            Sandbox.Enter(_host, _receive.Stdout(result) ? list : [destination, .. list]);
        }
    }

    /// <summary>Receives with a code that the user types, and asks again if the other side used a different one.</summary>
    private async Task<TransferReport> ReceiveAskedAsync(
        ReceiveOptions options, CodeQuestion question, ITransferDisplay display, CancellationToken cancellationToken)
    {
        while (true)
        {
            PairingCode code = question.Ask(cancellationToken);
            try
            {
                return await _host.Engine.ReceiveAsync(options with { Code = code }, display, cancellationToken);
            }
            catch (P2PException e) when (e.Code == P2PErrorCode.PairingFailed && question.CanRepeat)
            {
                display.Error(e);
            }
        }
    }

    /// <summary>Refuses content that must not go to standard output, before the user is asked for a code.</summary>
    private void CheckStandardOutput(ParseResult result)
    {
        if (!_receive.Stdout(result))
            return;
        if (_shared.Apply(_host.Settings.Receive, result, _host).Encryption == PayloadEncryption.Off)
        {
            throw new P2PException(P2PErrorCode.InvalidOption,
                "--stdout needs --encryption on, because the reader uses the content before the end proves that it was not altered.")
            {
                Hint = "Receive into a folder, or turn encryption on.",
            };
        }

        if (_host.OutputIsTerminal && !result.GetValue(_receive.ForceTerminal))
        {
            throw new P2PException(P2PErrorCode.InvalidOption,
                "--stdout would write the content to a terminal, which interprets the control characters in it.")
            {
                Hint = "Redirect it to a file or a pipe, or add --force-terminal.",
            };
        }
    }

    private static async Task WriteListAsync(string list, string destination, TransferReport report, CancellationToken cancellationToken)
    {
        try
        {
            await Sha256List.WriteAsync(list, destination, report, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new P2PException(P2PErrorCode.Failure, $"--sha256-list {list} could not be written: {e.Message}", e);
        }
    }

    /// <summary>A standing receiver that is stopped ends with 0.</summary>
    private async Task<int> StandAsync(ReceiveOptions options, ITransferDisplay display, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (TransferReport report in _host.Engine.ReceiveContinuouslyAsync(options, display, cancellationToken))
                TransferRun.Finish(display, report);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            display.Stopped();
        }

        return 0;
    }
}
