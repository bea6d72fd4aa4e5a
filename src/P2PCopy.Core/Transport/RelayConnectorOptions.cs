namespace P2PCopy.Transport;

/// <summary>How to connect to a list of relays. Immutable. The constructor of the connector checks it.</summary>
internal sealed record RelayConnectorOptions : ConnectionOptions
{
    public RelayConnectorOptions()
    {
    }

    public RelayConnectorOptions(ConnectionOptions connection)
        : base(connection)
    {
    }

    /// <summary>The relays, tried in this order at every join; at least one. <c>http</c> stands for <c>ws</c>.</summary>
    public required IReadOnlyList<Uri> Relays { get; init; }

    /// <summary>The other relays of the list that also get the token, since they belong to the same operator.</summary>
    public IReadOnlyList<Uri> TokenRelays { get; init; } = [];

    /// <summary>The token for one relay; null sends none.</summary>
    public string? TokenFor(Uri relay)
    {
        string origin = RelayAddress.Origin(relay);
        bool hasToken = RelayAddress.Origin(Relays[0]) == origin || TokenRelays.Any(r => RelayAddress.Origin(r) == origin);
        return hasToken ? Token?.Reveal() : null;
    }

    /// <summary>Time within which a first join is attempted again: a second attempt has room after a slow one.</summary>
    public TimeSpan FirstJoinTimeout => 2 * ConnectionTimeout;

    /// <summary>The interval in which a waiting client joins again, varied by 20 % each time.</summary>
    public TimeSpan RejoinInterval { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>The time between the checks of a waiting client that the relay still answers: with the time-out of 3 s, silence is noticed within 8 s.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(5);
}
