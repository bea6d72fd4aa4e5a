namespace P2PCopy;

/// <summary>Starts a relay inside this process, for a side without <c>Relays</c>, or one that the other side finds on its network.</summary>
public interface IRelayHost
{
    /// <summary>Starts to listen.</summary>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The running relay; disposing it stops it.</returns>
    ValueTask<IHostedRelay> StartAsync(CancellationToken cancellationToken);
}

/// <summary>A relay inside this process. It accepts only rooms that were admitted.</summary>
public interface IHostedRelay : IAsyncDisposable
{
    /// <summary>The address for this process.</summary>
    Uri LocalAddress { get; }

    /// <summary>The addresses for the other machine, the most likely one first.</summary>
    IReadOnlyList<Uri> Addresses { get; }

    /// <summary>Admits a room.</summary>
    /// <param name="room">22 base64url characters.</param>
    void Admit(string room);

    /// <summary>Admits a room no longer. Who is in it stays.</summary>
    /// <param name="room">22 base64url characters.</param>
    void Withdraw(string room);
}
