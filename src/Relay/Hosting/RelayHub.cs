using P2PCopy.Relay.Events;
using P2PCopy.Relay.Limits;
using P2PCopy.Relay.Options;
using P2PCopy.Relay.Rooms;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Hosting;

/// <summary>The parts of one relay, and the timer for all its time limits.</summary>
internal sealed class RelayHub : IDisposable
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly ITimer _timer;
    private readonly RelayMeter? _meter;

    public RelayHub(RelayOptions options)
    {
        Options = options;
        Events = new EventLog(options.OnEvent, options.LostLines, options.TimeProvider);
        Counters = new RelayCounters();
        Traffic = new Traffic(options);
        Services = new RoomServices(options, Traffic, Counters);
        Admission = new Admission(options, Traffic, Events, join => Rooms.AdmitsRejoin(join) || Rooms.AdmitsQueued(join) || Services.Returning.Admits(join), join => Rooms.Holds(join));
        Metrics = new MetricsPage(this);
        _meter = IsEmbedded ? null : new RelayMeter(this);
        _timer = Clock.CreateTimer(_ => Tick(), null, TickInterval, TickInterval);
    }

    public RelayOptions Options { get; }

    public TimeProvider Clock => Options.TimeProvider;

    public EventLog Events { get; }

    public RelayCounters Counters { get; }

    public Traffic Traffic { get; }

    public RoomServices Services { get; }

    public RoomTable Rooms => Services.Rooms;

    public Admission Admission { get; }

    public MetricsPage Metrics { get; }

    /// <summary>The certificate of the listeners; null without TLS.</summary>
    public WatchedFile<ServerCertificate>? Certificate { get; set; }

    /// <summary>When the certificate in use expires; null without TLS.</summary>
    public DateTimeOffset? CertificateExpires => Certificate?.Value.Expires;

    /// <summary>Connections that have joined.</summary>
    public IEnumerable<Member> Members => Services.Members;

    public int MemberCount => Services.MemberCount;

    /// <summary>Whether this relay serves only the rooms of one transfer, and nothing but joins.</summary>
    public bool IsEmbedded => Options.AdmitRoom is not null;

    /// <summary>Refuses joins from now on, and tells every member to join again elsewhere.</summary>
    public Task DrainAsync()
    {
        Admission.Drain();
        return Services.HintAsync(new RelayHint(RelayHintKind.Draining, Options.ReconnectAfter));
    }

    /// <summary>Counts a pair that has ended.</summary>
    public void EndSession(TimeSpan duration, long bytes)
    {
        Counters.SessionEnded(duration, bytes);
        _meter?.SessionSeconds.Record(duration.TotalSeconds);
        _meter?.SessionBytes.Record(bytes);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _meter?.Dispose();
        Events.Tick(all: true);
    }

    private void Tick()
    {
        Services.Tick();
        Admission.Tick();
        Events.Tick();
    }
}
