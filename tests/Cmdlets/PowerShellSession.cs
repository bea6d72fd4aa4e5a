using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell.Commands;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>A session of PowerShell in this process that has imported the staged module.</summary>
internal sealed class PowerShellSession : IDisposable
{
    // Reading and converting the types of the shell takes a second, once for the process.
    private static readonly Lazy<InitialSessionState> State = new(CreateState);

    private readonly Runspace _runspace;

    public PowerShellSession()
    {
        _runspace = RunspaceFactory.CreateRunspace(State.Value);
        _runspace.Open();
    }

    /// <summary>Sets a variable of the session.</summary>
    public object? this[string variable]
    {
        set => _runspace.SessionStateProxy.SetVariable(variable, value);
    }

    /// <summary>Runs a script to its end. What ends it early is in the result.</summary>
    public SessionResult Run(string script)
    {
        using PowerShell shell = Create(script);
        return Run(shell);
    }

    /// <summary>A script that has not begun, for a test that stops it or reads its streams while it runs.</summary>
    public PowerShell Create(string script)
    {
        PowerShell shell = PowerShell.Create(_runspace);

        // An error that ends only its statement would otherwise be one of many in the stream of errors.
        shell.AddScript($"try {{\n{script}\n}} catch {{ throw }}");
        return shell;
    }

    public void Dispose() => _runspace.Dispose();

    private static SessionResult Run(PowerShell shell)
    {
        var output = new PSDataCollection<PSObject>();
        ErrorRecord? end = null;
        try
        {
            shell.Invoke(null, output);
        }
        catch (RuntimeException e)
        {
            end = e.ErrorRecord;
        }

        return new SessionResult(
            [.. output],
            end,
            [.. shell.Streams.Error],
            [.. shell.Streams.Warning.Select(r => r.Message)],
            [.. shell.Streams.Verbose.Select(r => r.Message)],
            [.. shell.Streams.Information.Select(r => r.ToString())]);
    }

    private static InitialSessionState CreateState()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([typeof(GetItemCommand).Assembly.Location, typeof(ImportCsvCommand).Assembly.Location, StagedModule.Manifest]);
        state.ThrowOnRunspaceOpenError = true;
        return state;
    }
}

/// <summary>What a script wrote, stream by stream, and what ended it early.</summary>
internal sealed record SessionResult(
    IReadOnlyList<PSObject> Output,
    ErrorRecord? End,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    IReadOnlyList<string> Information)
{
    /// <summary>The only object of the output.</summary>
    public PSObject Only
    {
        get
        {
            Assert.True(End is null, $"It ended with: {End}");
            return Assert.Single(Output);
        }
    }

    /// <summary>The output as one text.</summary>
    public string Text => string.Join('\n', Output);

    /// <summary>The error id of what ended the script, without the name of the command; null if it came to its end.</summary>
    public string? EndId => End?.FullyQualifiedErrorId.Split(',')[0];

    /// <summary>The error ids that did not end it.</summary>
    public IEnumerable<string> ErrorIds => Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]);
}
