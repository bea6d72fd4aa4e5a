namespace P2PCopy;

/// <summary>Starts a relay inside this process: what a sender without <c>Relay</c> uses.</summary>
public interface IRelayHost
{
    /// <summary>Binds and starts.</summary>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The running relay; disposing it stops it.</returns>
    ValueTask<IHostedRelay> StartAsync(CancellationToken cancellationToken);
}

/// <summary>A relay inside this process that admits only the rooms it was told of.</summary>
public interface IHostedRelay : IAsyncDisposable
{
    /// <summary>The address this process itself dials.</summary>
    Uri LocalAddress { get; }

    /// <summary>Every address the other machine might dial, most likely first.</summary>
    IReadOnlyList<Uri> Addresses { get; }

    /// <summary>Lets a room in.</summary>
    /// <param name="room">22 base64url characters.</param>
    void Admit(string room);
}
