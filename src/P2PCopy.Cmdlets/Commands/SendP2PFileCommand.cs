using System.Management.Automation;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>Sends files and folders, or data from the pipeline.</summary>
[Cmdlet(VerbsCommunications.Send, "P2PFile", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(P2PFileResult), typeof(P2PTransferResult), typeof(P2POffer))]
public sealed class SendP2PFileCommand : TransferCommand
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string InputObjectSet = "InputObject";

    private static readonly PipelineData Data = new(
        value => value is PSObject wrapped ? wrapped.BaseObject : value, LanguagePrimitives.ConvertTo<string>);

    private static readonly TimeSpan RoomPatience = TimeSpan.FromMilliseconds(50);

    private readonly List<string> _paths = [];
    private PathResolver? _resolver;
    private ISendRun? _run;
    private PipelineStream? _stream;
    private bool _isDeclined;

    /// <summary>Files and folders; wildcards are expanded.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [EscapePaths]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>Files and folders, without wildcards.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>Bytes, text (a line per object), a stream or a file, sent as one file with the name Name.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [AllowEmptyString]
    [AllowEmptyCollection]
    [ValidateNotNull]
    public object? InputObject { get; set; }

    /// <summary>The destination name of InputObject.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Name of this side that the receiver sees; the name of the machine by default, empty sends none.</summary>
    [Parameter]
    [AllowEmptyString]
    [ValidateLength(0, OptionLimits.MaxSenderName)]
    public string? SenderName { get; set; }

    /// <summary>The folder that destination names are relative to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BasePath { get; set; }

    /// <summary>Patterns of the names to send.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Include { get; set; }

    /// <summary>Patterns of the names not to send.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Exclude { get; set; }

    /// <summary>How to treat symbolic links.</summary>
    [Parameter]
    public P2PLinkPolicy? Links { get; set; }

    /// <summary>Whether chunks are compressed.</summary>
    [Parameter]
    public P2PCompression? Compression { get; set; }

    /// <summary>The codec; by default the best that both sides have.</summary>
    [Parameter]
    public P2PCompressionCodec? CompressionCodec { get; set; }

    /// <summary>Bytes in a chunk.</summary>
    [Parameter]
    [Amount]
    [ArgumentCompleter(typeof(ChunkSizeCompleter))]
    [ValidateRange(OptionLimits.MinChunkSize, OptionLimits.MaxChunkSize)]
    public int? ChunkSize { get; set; }

    /// <summary>Whether each file is verified by its SHA-256.</summary>
    [Parameter]
    public P2PHash? Hash { get; set; }

    /// <summary>Parallel connections, 1 to 16, or Auto.</summary>
    [Parameter]
    [ConnectionCount]
    [ArgumentCompleter(typeof(ConnectionCountCompleter))]
    [ValidateRange(0, OptionLimits.MaxConnectionCount)]
    public int? ConnectionCount { get; set; }

    /// <summary>Bandwidth limit, bytes per second; 0 is without a limit.</summary>
    [Parameter]
    [Amount]
    [ArgumentCompleter(typeof(AmountCompleter))]
    [ValidateRange(0, OptionLimits.MaxRate)]
    public long? BandwidthLimit { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _resolver = new PathResolver(this);
        BasePath = _resolver.Option(BasePath, "-BasePath");
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case InputObjectSet:
                Feed();
                break;
            case LiteralPathSet:
                foreach (string path in LiteralPath!)
                    _resolver!.AddLiteral(path, _paths);
                break;
            default:
                foreach (string path in Path!)
                    _resolver!.AddWildcard(path, _paths);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == InputObjectSet)
        {
            if (!StartStream())
                return;

            while (!_stream!.TryFlush(RoomPatience))
            {
                if (HasEnded())
                    return;
            }

            _stream.Complete();
            _run!.Finish();
            return;
        }

        // An error was written for each path that was not found, so nothing is left to send.
        if (_paths.Count == 0)
        {
            WriteVerbose("Nothing to send.");
            return;
        }

        _run = EngineLoader.Engine.Send(this, _paths, stream: null);
        if (ShouldSend(_run))
        {
            _run.Start();
            _run.Finish();
        }
    }

    private bool ShouldSend(ISendRun run)
    {
        // A scan of a large tree takes time.
        if (!IsAsked())
            return true;

        P2POffer offer = run.Preview(out string description);
        return ShouldTransfer("Send", $"{description} through {Way}", offer);
    }

    private string Way => Relay is [Uri first, ..] ? first.AbsoluteUri.TrimEnd('/') : "a relay on this machine";

    /// <summary>Starts the engine with the first object, or at the end without one, because an empty pipeline is an empty file.</summary>
    /// <returns>False if the transfer was declined.</returns>
    private bool StartStream()
    {
        if (_stream is not null || _isDeclined)
            return !_isDeclined;

        _isDeclined = !ShouldTransfer("Send", $"the data of the pipeline through {Way}", new P2POffer([new P2POfferEntry(Name!, "File")]) { FileCount = 1, Length = -1 });
        if (_isDeclined)
            return false;

        _stream = new PipelineStream();
        _run = EngineLoader.Engine.Send(this, [], _stream);
        _run.Start();
        return true;
    }

    /// <summary>Passes an object to the engine as bytes, and writes the engine's output while it waits.</summary>
    private void Feed()
    {
        if (!StartStream())
            return;

        try
        {
            foreach (ReadOnlyMemory<byte> block in Data.Blocks(InputObject!))
            {
                while (!_stream!.TryWrite(block, RoomPatience))
                {
                    if (HasEnded())
                        return;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _stream!.Abort();
            ThrowTerminatingError(new ErrorRecord(e, "FileReadError", ErrorCategory.ReadError, InputObject));
        }
    }

    /// <summary>Writes the engine's output. True if the engine ended before the data did; it has reported the reason.</summary>
    private bool HasEnded()
    {
        if (_run!.Pump.Turn(this, TimeSpan.Zero))
            return false;
        _run.Finish();
        return true;
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _stream?.Abort();
        base.StopProcessing();
    }
}
