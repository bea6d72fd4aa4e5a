using System.Management.Automation;

namespace P2PCopy.Cmdlets.Running;

/// <summary>
/// What the cmdlets need of the engine. They refer to nothing of it: an assembly in the default load context takes
/// whatever version of a dependency is there already, so another module could push its own under ours. The assembly
/// P2PCopy.Module implements this and is found by its name, in a context that only this module uses.
/// </summary>
internal interface ICommandEngine
{
    /// <summary>A fresh code.</summary>
    string NewCode(int words);

    /// <summary>The codes that a partly typed one may become with its next word.</summary>
    IReadOnlyList<string> CompleteCode(string typed);

    /// <summary>A send that has not begun.</summary>
    ISendRun Send(SendP2PFileCommand command, IReadOnlyList<string> paths, Stream? stream);

    /// <summary>Receives, to the end.</summary>
    void Receive(ReceiveP2PFileCommand command, string destination, string? list);

    /// <summary>Tests a relay.</summary>
    P2PRelayTest TestRelay(TestP2PRelayCommand command, Uri relay, bool withToken);

    /// <summary>A relay that has not begun.</summary>
    IRelayRun Relay(StartP2PRelayCommand command);

    /// <summary>The state of a relay, from its metrics.</summary>
    P2PRelayStatus ReadRelay(Uri address, bool skipCertificateCheck, TimeSpan timeout, int? processId);

    /// <summary>Drains and stops the relays of a process of this machine, and waits for their end.</summary>
    void StopRelay(int processId, TimeSpan timeout);

    /// <summary>The error record for what ended a command.</summary>
    ErrorRecord Error(Exception exception, object? target);
}

/// <summary>One send.</summary>
internal interface ISendRun
{
    /// <summary>What it has to say.</summary>
    CommandPump Pump { get; }

    /// <summary>What would be sent, for -WhatIf and -Confirm: nothing connects.</summary>
    P2POffer Preview(out string description);

    /// <summary>Begins.</summary>
    void Start();

    /// <summary>Writes what it has to say until it ends.</summary>
    void Finish();
}

/// <summary>One relay.</summary>
internal interface IRelayRun : IDisposable
{
    /// <summary>Runs it until it is stopped.</summary>
    void Execute();

    /// <summary>Lets running pairs end; from any thread.</summary>
    void Stop();
}
