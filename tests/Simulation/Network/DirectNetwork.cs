using System.Net;
using P2PCopy.Session.Direct;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Network;

/// <summary>
/// What lies between the two machines past the relay: two networks of which both machines have an address each, and routers that admit
/// a connection to the address that the relay sees only if the machine behind them dials back.
/// </summary>
internal sealed class DirectNetwork(Universe universe)
{
    private const int FirstPort = 40_000;

    private readonly Dictionary<SimProcess, Machine> _machines = [];
    private readonly List<SimSocket> _sockets = [];
    private readonly Dictionary<(IPEndPoint From, IPEndPoint To), TaskCompletionSource<SimSocket>> _dialling = [];
    private int _nextPort = FirstPort;

    /// <summary>How good the way is.</summary>
    public Line Line { get; } = new();

    /// <summary>Nothing new passes.</summary>
    public bool IsBlocked { get; set; }

    /// <summary>There is no way between the two machines.</summary>
    public bool IsSeparated { get; set; }

    /// <summary>So many of a hundred ports cannot be taken.</summary>
    public double TakenPercent { get; set; } = 1;

    /// <summary>The sides whose packets reach the other machine's own addresses.</summary>
    public HashSet<PeerRole> Reaching { get; } = [];

    /// <summary>Connections that were made.</summary>
    public int Connections { get; private set; }

    /// <summary>The sockets that living programs have open, also those that listen.</summary>
    public IEnumerable<SimSocket> Open => _sockets.Where(socket => socket.IsOpen);

    public void Add(SimProcess process, PeerRole role)
    {
        var machine = new Machine(process, role);
        _machines.Add(process, machine);
        process.AtDeath(() =>
        {
            foreach (SimSocket socket in Open.Where(socket => socket.Owner == process).ToList())
                socket.Dispose(); // the system closes its sockets
            foreach (var dial in _dialling.Keys.Where(dial => machine.Has(dial.From.Address)).ToList())
                _dialling.Remove(dial);
        });
    }

    /// <summary>The network of the program that runs now.</summary>
    public static LocalNetwork Own() => Universe.Current.Direct._machines[SimProcess.Current!].Network;

    /// <summary>The address at which the relay sees the program that runs now.</summary>
    public IPAddress Seen(SimProcess process) => _machines[process].Seen;

    public int TakePort() => _nextPort++;

    public void Add(SimSocket socket) => _sockets.Add(socket);

    /// <summary>The established connections of a side.</summary>
    public List<SimSocket> ConnectionsOf(SimProcess? owner) => [.. Open.Where(socket => socket.Owner == owner && !socket.IsListening)];

    /// <summary>Someone else connects to a port of a side, and knows nothing.</summary>
    public void Intrude(SimProcess victim, byte[] message)
    {
        if (Open.FirstOrDefault(socket => socket.Owner == victim && socket.IsListening) is not { } listener)
            return;
        universe.Trace.Add("stranger", $"{message.Length} bytes");
        SimSocket stranger = Connect(null, new IPEndPoint(IPAddress.Parse("10.0.0.99"), TakePort()), listener, listener.Local);
        if (message.Length > 0)
            _ = stranger.SendAsync(message, default, CancellationToken.None).AsTask();
    }

    /// <summary>What becomes of the first packet of a connect.</summary>
    public (DialState State, SimSocket? Socket) Dial(SimProcess process, int port, IPEndPoint to)
    {
        Machine own = _machines[process];
        Machine? other = _machines.Values.FirstOrDefault(machine => !machine.Process.IsDead && machine.Has(to.Address));
        if (IsBlocked || IsSeparated || other is null || other == own)
            return (DialState.Silent, null);
        bool isSeen = to.Address.Equals(other.Seen);
        var from = new IPEndPoint(isSeen ? own.Seen : own.AddressTo(to.Address), port);
        if (Open.Any(socket => !socket.IsListening && socket.Local.Equals(from) && socket.Remote.Equals(to)))
            return (DialState.Exists, null);
        if (_dialling.Remove((to, from), out TaskCompletionSource<SimSocket>? met))
        {
            SimSocket mine = Connect(process, from, null, to, other.Process, met);
            return (DialState.Connected, mine);
        }

        if (isSeen || !Reaching.Contains(own.Role))
            return (DialState.Silent, null);
        SimSocket? listener = Open.FirstOrDefault(socket => socket.Owner == other.Process && socket.IsListening && socket.Local.Port == to.Port);
        return listener is null ? (DialState.Refused, null) : (DialState.Connected, Connect(process, from, listener, to));
    }

    /// <summary>Completes if the other side dials back while this one still dials.</summary>
    public Task<SimSocket> MetAsync(SimProcess process, int port, IPEndPoint to)
    {
        Machine own = _machines[process];
        bool isSeen = _machines.Values.Any(machine => to.Address.Equals(machine.Seen));
        var key = (new IPEndPoint(isSeen ? own.Seen : own.AddressTo(to.Address), port), to);
        if (!_dialling.TryGetValue(key, out TaskCompletionSource<SimSocket>? met))
            _dialling.Add(key, met = new TaskCompletionSource<SimSocket>(TaskCreationOptions.RunContinuationsAsynchronously));
        return met.Task;
    }

    /// <summary>The side does not dial any more. A connection that it has not taken is closed.</summary>
    public void StopDialling(Task<SimSocket> met)
    {
        foreach (var dial in _dialling.Where(dial => dial.Value.Task == met).Select(dial => dial.Key).ToList())
            _dialling.Remove(dial);
        if (met.IsCompletedSuccessfully)
            met.Result.Dispose();
    }

    private SimSocket Connect(SimProcess? process, IPEndPoint from, SimSocket? listener, IPEndPoint to, SimProcess? other = null, TaskCompletionSource<SimSocket>? met = null)
    {
        Connections++;
        var there = new Wire(universe, Line);
        var back = new Wire(universe, Line);
        var mine = new SimSocket(universe, process, from, to, back, there);
        var theirs = new SimSocket(universe, listener?.Owner ?? other, to, from, there, back);
        universe.Trace.Add("direct-connection", $"{from} {to}");
        if (listener is not null)
            listener.Enqueue(theirs);
        else
            met!.SetResult(theirs);
        return mine;
    }

    /// <summary>A machine; both have an address in the network 10.0.0.0/24.</summary>
    private sealed class Machine(SimProcess process, PeerRole role)
    {
        private readonly string _end = role == PeerRole.Send ? "1" : "2";

        public SimProcess Process => process;

        public PeerRole Role => role;

        public LocalNetwork Network => new([new LocalAddress(IPAddress.Parse($"10.0.0.{_end}"), 24), new LocalAddress(IPAddress.Parse($"192.168.{_end}.9"), 24)], []);

        public IPAddress Seen => IPAddress.Parse($"203.0.113.{_end}");

        public bool Has(IPAddress address) => address.Equals(Seen) || Network.IsOwn(address);

        public IPAddress AddressTo(IPAddress address) => Network.Addresses.FirstOrDefault(own => own.Contains(address), Network.Addresses[1]).Address;
    }
}

internal enum DialState
{
    Connected,
    Refused,

    /// <summary>No one answers.</summary>
    Silent,

    /// <summary>There is a connection between the two ports already.</summary>
    Exists,
}
