using System.CommandLine;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Engine;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Commands;

/// <summary><c>p2pcopy send</c>.</summary>
internal sealed class SendCommand
{
    public const string Description = "Send files and folders; without --relay through a relay in this process";

    private readonly ToolHost _host;
    private readonly TransferOptionTable<SendOptions> _shared = new(new SendOptions());
    private readonly SendOptionTable _send = new();
    private readonly OutputOptionTable _output = new();

    private SendCommand(ToolHost host) => _host = host;

    public static Command Create(ToolHost host)
    {
        var send = new SendCommand(host);
        var command = new Command("send", Description);
        send._send.AddTo(command);
        send._shared.AddTo(command);
        send._output.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            ITransferDisplay display = TransferRun.CreateDisplay(
                host, PeerRole.Send, send._output, result, standardOutputIsData: false);
            return TransferRun.ExecuteAsync(display, token => send.RunAsync(result, display, token), cancellationToken);
        });
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, ITransferDisplay display, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> listen = _shared.Listen(result);
        SendOptions options = Source(result, cancellationToken);
        options = _send.Apply(_shared.Apply(options, result, _host, usesUsualRelays: listen.Count == 0), result) with { OnEvent = display.OnEvent };
        if (result.GetValue(_output.WhatIf))
        {
            display.WhatIf(await _host.Engine.PreviewAsync(options, cancellationToken));
            return 0;
        }

        options = options with
        {
            Code = _shared.FindCode(result, _host, cancellationToken),
            EmbeddedRelay = _host.Engine.EmbeddedRelay(listen),
        };
        options = _shared.WithVerify(options, result, _host, display, result.GetValue(_output.Json));
        TransferReport report = await _host.Engine.SendAsync(options, display, cancellationToken);
        return TransferRun.Finish(display, report);
    }

    /// <summary>Paths, or standard input under a name.</summary>
    private SendOptions Source(ParseResult result, CancellationToken cancellationToken)
    {
        string? name = _send.Name(result);
        string? filesFrom = result.GetValue(_send.FilesFrom);
        string[] arguments = result.GetValue(_send.Path) ?? [];
        bool stream = arguments is ["-"];
        if (stream && name is null)
            throw Invalid("Standard input needs a name.", "Use p2pcopy send - --name NAME.");
        if (name is not null && !stream)
            throw Invalid("--name is the name of standard input; files keep their own names.", "Rename the file, or use p2pcopy send - --name NAME.");

        int readers = (stream ? 1 : 0) + (filesFrom == "-" ? 1 : 0) + (_shared.ReadsCodeFromInput(result) ? 1 : 0);
        if (readers > 1)
            throw Invalid("Standard input can only be read once.", "Use it for the data, for --files-from or for --code.");
        if (stream)
            return _host.Settings.Send with { InputStream = _host.OpenStandardInput(), Name = name };

        List<string> paths = PathList.Read(_host, arguments, filesFrom, cancellationToken);
        if (paths.Count == 0)
            throw Invalid("There is nothing to send.", "Name at least one file or folder.");
        SendOptions options = _host.Settings.Send with { Paths = paths };
        return filesFrom is null ? options : options with { BasePath = PathList.CommonBase(paths) };
    }

    private static P2PException Invalid(string message, string hint) => new(P2PErrorCode.InvalidOption, message) { Hint = hint };
}
