using P2PCopy.Simulation.Network;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Scenarios;

/// <summary>How a program ended; both null if it was killed.</summary>
internal sealed record Outcome(TransferReport? Report, Exception? Failure)
{
    public bool IsKilled => Report is null && Failure is null;

    public bool Succeeded => Report is { Succeeded: true };

    public override string ToString() => IsKilled ? "killed"
        : Failure is not null ? $"{Failure.GetType().Name}: {Failure.Message}"
        : Report!.Error is { } error ? $"{error.Code}: {error.Message}"
        : Report.Succeeded ? "succeeded" : "some files failed";
}

/// <summary>One of the two machines, and the program that runs on it.</summary>
internal sealed class Side(Universe universe, SimRelay relay, PeerRole role, Plan plan)
{
    private const string Code = "route1-correct-horse-battery";
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(300);

    private SimConnector? _connector;
    private Action? _cancel;

    public PeerRole Role => role;

    /// <summary>The longest time that a side waits for the other one at the beginning.</summary>
    public static TimeSpan WaitTimeout => Wait;

    public string Folder => role == PeerRole.Send ? "/s/data" : "/r/data";

    public Line Line { get; } = new();

    public SimProcess? Process { get; private set; }

    /// <summary>How the last program ended.</summary>
    public Outcome? Outcome { get; private set; }

    public TimeSpan EndedAt { get; private set; }

    public int Starts { get; private set; }

    public bool WasCancelled { get; private set; }

    /// <summary>How often the content has changed its way.</summary>
    public int PathChanges { get; private set; }

    /// <summary>Whether it keeps to the protocol.</summary>
    public bool IsHonest { get; set; } = plan.Hostile != role;

    public bool IsRunning => Process is { IsDead: false } && Outcome is null;

    /// <summary>In so many of a hundred joins the answer of the relay is lost.</summary>
    public double GhostPercent
    {
        set
        {
            if (_connector is not null)
                _connector.GhostPercent = value;
        }
    }

    /// <summary>Runs the program to its end or its death.</summary>
    public async Task RunAsync()
    {
        Starts++;
        Outcome = null;
        WasCancelled = false;
        using var cancel = new CancellationTokenSource();
        _cancel = cancel.Cancel;
        var killed = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new SimProcess(role == PeerRole.Send ? "sender" : "receiver")
        {
            HostilePercent = IsHonest ? 0 : plan.HostilePercent,
        };
        Process = process;
        process.AtDeath(() =>
        {
            foreach (Member member in relay.Members.Where(member => member.Owner == process).ToList())
                member.Abort(); // the system closes its sockets
            killed.TrySetResult(new Outcome(null, null));
        });
        universe.Direct.Add(process, role);
        _connector = new SimConnector(universe, relay, process, Line) { Observation = plan.Observation };
        universe.Trace.Add("start", $"{role}");
        Task<Outcome> run = process.RunAsync(() => TransferAsync(_connector, cancel.Token));
        Outcome outcome = await await Task.WhenAny(run, killed.Task).ConfigureAwait(false);
        Outcome = process.IsDead ? new Outcome(null, null) : outcome;
        EndedAt = universe.Clock.Now;
        universe.Trace.Add("end", $"{role}: {Outcome}");
    }

    public void Kill() => Process?.Kill();

    public void Cancel()
    {
        WasCancelled = true;
        _cancel?.Invoke();
    }

    private async Task<Outcome> TransferAsync(SimConnector connector, CancellationToken cancellationToken)
    {
        try
        {
            return new Outcome(
                role == PeerRole.Send
                    ? await P2PTransfer.SendAsync(Send(connector), cancellationToken: cancellationToken).ConfigureAwait(false)
                    : await P2PTransfer.ReceiveAsync(Receive(connector), cancellationToken: cancellationToken).ConfigureAwait(false),
                null);
        }
        catch (Exception e)
        {
            return new Outcome(null, e);
        }
    }

    private SendOptions Send(SimConnector connector) => new()
    {
        Paths = ["/s/data"],
        Code = PairingCode.Parse(Code),
        Connector = connector,
        TimeProvider = universe.Clock,
        Direct = plan.Direct[role],
        SenderName = "simulated",
        ChunkSize = plan.ChunkSize,
        Connections = plan.Connections,
        Hash = plan.Hash ? HashMode.On : HashMode.Off,
        Encryption = plan.Encrypt ? PayloadEncryption.On : PayloadEncryption.Off,
        Compression = plan.Compression,
        CompressionCodec = plan.Compression == PayloadCompression.Off ? null : CompressionCodec.Gzip,
        WaitTimeout = Wait,
        RetryTimeout = plan.Retry,
        SilenceTimeout = plan.Silence,
        OnEvent = Note,
    };

    private ReceiveOptions Receive(SimConnector connector) => new()
    {
        Destination = "/r",
        Code = PairingCode.Parse(Code),
        Connector = connector,
        TimeProvider = universe.Clock,
        Direct = plan.Direct[role],
        OnConflict = plan.Policy,
        Checksum = plan.Checksum,
        WholeFile = plan.WholeFile,
        Durable = plan.Durable,
        DiscardPartial = plan.DiscardPartial,
        Encryption = plan.Encrypt ? PayloadEncryption.On : PayloadEncryption.Off,
        WaitTimeout = Wait,
        RetryTimeout = plan.Retry,
        SilenceTimeout = plan.Silence,
        OnEvent = Note,
    };

    private void Note(TransferEvent happened)
    {
        PathChanges += happened is TransferEvent.PathChanged ? 1 : 0;
        universe.Trace.Add("event", happened is TransferEvent.FileCompleted { File: var file }
            ? $"{role} {file.Name} {file.Status} {file.Error} {file.Message}"
            : happened is TransferEvent.Warning { Message: var message } ? $"{role} warning {message}"
            : happened is TransferEvent.PathChanged { Direct: var address } ? $"{role} path {address?.ToString() ?? "relay"}"
            : $"{role} {happened.GetType().Name}");
    }
}
