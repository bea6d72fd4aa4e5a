using P2PCopy.Relay.Events;

namespace P2PCopy;

/// <summary>
/// An event of a relay, for a log or a program. An event holds no token, only the first four characters of a room, and only the
/// network of a client address unless <see cref="RelayOptions.LogAddresses"/> is set.
/// </summary>
public abstract record RelayEvent
{
    private RelayEvent()
    {
    }

    /// <summary>When it happened.</summary>
    public DateTimeOffset Time { get; internal init; }

    /// <summary>How important it is.</summary>
    public virtual RelayEventLevel Level => RelayEventLevel.Information;

    /// <summary>The event's name in a log line.</summary>
    internal abstract string LogName { get; }

    /// <summary>Names and values in a log line: texts, whole numbers and seconds.</summary>
    internal abstract IEnumerable<(string Name, object? Value)> LogFields { get; }

    /// <summary>The event as one log line.</summary>
    /// <param name="format">The form of the line.</param>
    /// <returns>The line, without a line break.</returns>
    public string ToLogLine(RelayLogFormat format) => LogLine.Format(this, format);

    /// <summary>The event as one log line of text.</summary>
    /// <returns>The line.</returns>
    public sealed override string ToString() => ToLogLine(RelayLogFormat.Text);

    /// <summary>The relay listens.</summary>
    /// <param name="Addresses">Its addresses.</param>
    public sealed record Started(IReadOnlyList<Uri> Addresses) : RelayEvent
    {
        internal override string LogName => "started";

        internal override IEnumerable<(string Name, object? Value)> LogFields => [("addresses", string.Join(' ', Addresses))];
    }

    /// <summary>The system's limit of open files allows fewer connections than the options.</summary>
    /// <param name="Connections">How many the relay accepts.</param>
    /// <param name="MaxConnections">The option.</param>
    public sealed record Limited(int Connections, int MaxConnections) : RelayEvent
    {
        /// <inheritdoc/>
        public override RelayEventLevel Level => RelayEventLevel.Warning;

        internal override string LogName => "limited";

        internal override IEnumerable<(string Name, object? Value)> LogFields => [("connections", Connections), ("max-connections", MaxConnections)];
    }

    /// <summary>The relay drains: it refuses joins and waits for running pairs.</summary>
    /// <param name="Members">Clients that are in a room.</param>
    public sealed record Stopping(int Members) : RelayEvent
    {
        internal override string LogName => "stopping";

        internal override IEnumerable<(string Name, object? Value)> LogFields => [("members", Members)];
    }

    /// <summary>The relay has stopped.</summary>
    public sealed record Stopped : RelayEvent
    {
        internal override string LogName => "stopped";

        internal override IEnumerable<(string Name, object? Value)> LogFields => [];
    }

    /// <summary>A client waits in a room.</summary>
    /// <param name="Room">The first characters of the room.</param>
    /// <param name="Role">The client's role.</param>
    /// <param name="Client">The client's network or address.</param>
    /// <param name="TokenName">The name of the client's token; null without one.</param>
    public sealed record ClientWaiting(string Room, PeerRole Role, string Client, string? TokenName) : RelayEvent
    {
        internal override string LogName => "waiting";

        internal override IEnumerable<(string Name, object? Value)> LogFields => [("room", Room), ("role", LogLine.Of(Role)), ("client", Client), ("token", TokenName)];
    }

    /// <summary>A client completed a pair.</summary>
    /// <param name="Room">The first characters of the room.</param>
    /// <param name="Role">The client's role.</param>
    /// <param name="Client">The client's network or address.</param>
    /// <param name="TokenName">The name of the client's token; null without one.</param>
    /// <param name="Session">The number of the pair; it is unique in one run of the relay.</param>
    public sealed record ClientPaired(string Room, PeerRole Role, string Client, string? TokenName, long Session) : RelayEvent
    {
        internal override string LogName => "paired";

        internal override IEnumerable<(string Name, object? Value)> LogFields
            => [("room", Room), ("role", LogLine.Of(Role)), ("client", Client), ("token", TokenName), ("session", Session)];
    }

    /// <summary>A client has left.</summary>
    /// <param name="Room">The first characters of the room.</param>
    /// <param name="Role">The client's role.</param>
    /// <param name="Client">The client's network or address.</param>
    /// <param name="Session">The number of its pair; null without one.</param>
    /// <param name="Bytes">Bytes that the pair moved in both directions.</param>
    /// <param name="Duration">How long the client was in the room.</param>
    /// <param name="Outcome">Why it left, for example <c>closed</c>, <c>peer-left</c>, <c>lost</c> or <c>limit</c>.</param>
    public sealed record Left(string Room, PeerRole Role, string Client, long? Session, long Bytes, TimeSpan Duration, string Outcome) : RelayEvent
    {
        internal override string LogName => "left";

        internal override IEnumerable<(string Name, object? Value)> LogFields =>
        [
            ("room", Room), ("role", LogLine.Of(Role)), ("client", Client), ("session", Session),
            ("bytes", Bytes), ("seconds", Math.Round(Duration.TotalSeconds, 3)), ("outcome", Outcome),
        ];
    }

    /// <summary>Clients were refused. Repeated refusals of one network are reported together.</summary>
    /// <param name="Client">The client's network or address.</param>
    /// <param name="Status">The HTTP status of the answer.</param>
    /// <param name="Reason">A stable word, the same as in the metrics.</param>
    /// <param name="Count">How many refusals this event reports.</param>
    public sealed record Refused(string Client, int Status, string Reason, long Count) : RelayEvent
    {
        /// <inheritdoc/>
        public override RelayEventLevel Level => RelayEventLevel.Warning;

        internal override string LogName => "refused";

        internal override IEnumerable<(string Name, object? Value)> LogFields => [("client", Client), ("status", Status), ("reason", Reason), ("count", Count)];
    }

    /// <summary>A file of an option was read again.</summary>
    /// <param name="What"><c>certificate</c> or <c>tokens</c>.</param>
    public sealed record Reloaded(string What) : RelayEvent
    {
        internal override string LogName => "reloaded";

        internal override IEnumerable<(string Name, object? Value)> LogFields => [("what", What)];
    }

    /// <summary>A file of an option has changed and cannot be used; the last valid content stays in use.</summary>
    /// <param name="What"><c>certificate</c> or <c>tokens</c>.</param>
    /// <param name="Problem">Why it cannot be used.</param>
    public sealed record ReloadFailed(string What, string Problem) : RelayEvent
    {
        /// <inheritdoc/>
        public override RelayEventLevel Level => RelayEventLevel.Error;

        internal override string LogName => "reload-failed";

        internal override IEnumerable<(string Name, object? Value)> LogFields => [("what", What), ("problem", Problem)];
    }

    /// <summary>The system refused to accept connections, for example because there are too many open files.</summary>
    /// <param name="Problem">The system's message.</param>
    /// <param name="Count">How many failures this event reports.</param>
    public sealed record AcceptFailed(string Problem, long Count) : RelayEvent
    {
        /// <inheritdoc/>
        public override RelayEventLevel Level => RelayEventLevel.Error;

        internal override string LogName => "accept-failed";

        internal override IEnumerable<(string Name, object? Value)> LogFields => [("problem", Problem), ("count", Count)];
    }

    /// <summary>An internal error ended a connection. Please report it.</summary>
    /// <param name="Problem">The error.</param>
    public sealed record Failed(string Problem) : RelayEvent
    {
        /// <inheritdoc/>
        public override RelayEventLevel Level => RelayEventLevel.Error;

        internal override string LogName => "failed";

        internal override IEnumerable<(string Name, object? Value)> LogFields => [("problem", Problem)];
    }
}
