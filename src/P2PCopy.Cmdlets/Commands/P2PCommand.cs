using System.Management.Automation;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>What all cmdlets with an engine or a service share: errors, the settings file, the given parameters.</summary>
public abstract class P2PCommand : PSCmdlet
{
    private ICommandSettings? _settings;

    /// <summary>The parameters that were given, by name.</summary>
    internal IDictionary<string, object> Given => MyInvocation.BoundParameters;

    /// <summary>The settings file, which is read once for a command. A file that cannot be used ends the command.</summary>
    internal ICommandSettings Settings
    {
        get
        {
            if (_settings is null && EngineLoader.Engine.ReadSettings(out _settings) is { } error)
                ThrowTerminatingError(error);
            return _settings!;
        }
    }

    /// <summary>Ends the command because its parameters cannot be used.</summary>
    /// <param name="message">A sentence that says what is wrong.</param>
    /// <param name="target">The value in question.</param>
    /// <param name="hint">A sentence that says what to do.</param>
    private protected Exception Invalid(string message, object? target, string? hint = null)
        => End(new ArgumentException(message), "InvalidOption", ErrorCategory.InvalidArgument, target, hint);

    /// <summary>Ends the command.</summary>
    /// <returns>An exception for a <c>throw</c>, which is not reached.</returns>
    private protected Exception End(Exception exception, string id, ErrorCategory category, object? target, string? hint = null)
    {
        var record = new ErrorRecord(exception, id, category, target);

        // A host shows the details instead of the exception's message, and does not show the recommended action.
        if (hint is not null)
            record.ErrorDetails = new ErrorDetails($"{exception.Message} {hint}") { RecommendedAction = hint };
        ThrowTerminatingError(record);
        return new PipelineStoppedException();
    }

    /// <summary>Reads a file with a secret. A file that cannot be read, or that other users can read, ends the command.</summary>
    private protected T ReadSecret<T>(string file, string? path, string parameter, Func<T> read)
    {
        try
        {
            return SecretFile.Problem(file) is { } problem ? throw Invalid($"{parameter} '{path}': {problem}", path, SecretFile.Hint(path!)) : read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid($"{parameter} could not be read: {e.Message}", path);
        }
    }

    /// <summary>Ends the command if an address is not that of a relay.</summary>
    private protected void CheckRelays(IEnumerable<Uri> addresses)
    {
        foreach (Uri address in addresses)
        {
            if (EngineLoader.Engine.CheckRelay(address) is { } error)
                ThrowTerminatingError(error);
        }
    }

    private protected static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
