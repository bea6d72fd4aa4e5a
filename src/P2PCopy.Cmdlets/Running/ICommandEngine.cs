using System.Management.Automation;

namespace P2PCopy.Cmdlets.Running;

/// <summary>
/// The part of the engine that the cmdlets use. Their assembly refers to no other assembly of the project, because in the default
/// load context another module may have loaded another version of a dependency. P2PCopy.Module implements this interface. It is
/// loaded by name, in a load context that only this module uses.
/// </summary>
internal interface ICommandEngine
{
    /// <summary>Generates a code.</summary>
    string NewCode(int words);

    /// <summary>Completes the word at the end of a partly typed code.</summary>
    IReadOnlyList<string> CompleteCode(string typed);

    /// <summary>Whether a text has the form of a generated code.</summary>
    bool IsCode(string text);

    /// <summary>The reason why a text cannot be a code, in a sentence; null if it can.</summary>
    string? CodeProblem(string text);

    /// <summary>Reads the user's settings file; the error if it cannot be used.</summary>
    ErrorRecord? ReadSettings(out ICommandSettings? settings);

    /// <summary>The error of an address that no relay can have; null if it is valid.</summary>
    ErrorRecord? CheckRelay(Uri address);

    /// <summary>Prepares a transfer as the sender.</summary>
    ISendRun Send(SendP2PFileCommand command, IReadOnlyList<string> paths, Stream? stream);

    /// <summary>The reason why a destination or a digest list cannot be written; null if they can, as far as that is known before the transfer.</summary>
    ErrorRecord? CheckDestination(string? destination, string? list);

    /// <summary>Runs a receiver to its end.</summary>
    /// <returns>False if <paramref name="codeMayChange"/> and the other side used a different code.</returns>
    bool Receive(ReceiveP2PFileCommand command, string destination, string? list, bool codeMayChange);

    /// <summary>Tests a relay.</summary>
    P2PRelayTest TestRelay(TestP2PRelayCommand command, Uri relay, bool withToken);

    /// <summary>Prepares a relay.</summary>
    IRelayRun Relay(StartP2PRelayCommand command);

    /// <summary>Reads the state of a relay from its metrics.</summary>
    P2PRelayStatus ReadRelay(Uri address, bool skipCertificateCheck, TimeSpan timeout, int? processId);

    /// <summary>Drains and stops the relays of a process of this machine, and waits for their end.</summary>
    void StopRelay(int processId, TimeSpan timeout);

    /// <summary>Creates the error record for the exception that ended a command.</summary>
    ErrorRecord Error(Exception exception, object? target);
}

/// <summary>The user's settings file.</summary>
internal interface ICommandSettings
{
    /// <summary>The relays that are used if no other is given.</summary>
    Uri[] UsualRelays { get; }

    /// <summary>The address of a relay that the file names; null if there is none.</summary>
    Uri? RelayOf(string name);
}

/// <summary>A transfer of Send-P2PFile.</summary>
internal interface ISendRun
{
    /// <summary>Passes its output to the pipeline.</summary>
    CommandPump Pump { get; }

    /// <summary>Describes the files that would be sent, for -WhatIf and -Confirm, without connecting.</summary>
    P2POffer Preview(out string description);

    /// <summary>Starts the transfer.</summary>
    void Start();

    /// <summary>Writes the output of the transfer until it ends.</summary>
    void Finish();
}

/// <summary>A relay of Start-P2PRelay.</summary>
internal interface IRelayRun : IDisposable
{
    /// <summary>Runs it until it is stopped.</summary>
    void Execute();

    /// <summary>Stops the relay when its running pairs have ended. Can be called from any thread.</summary>
    void Stop();
}
