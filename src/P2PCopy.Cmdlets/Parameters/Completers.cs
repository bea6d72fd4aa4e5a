using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using P2PCopy.Cmdlets.Loading;

namespace P2PCopy.Cmdlets;

/// <summary>Offers values for parameters whose values PowerShell cannot know.</summary>
public abstract class ValueCompleter : IArgumentCompleter
{
    private static readonly SearchValues<char> Special = SearchValues.Create(" ,;'\"$@(){}|&");

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = wordToComplete.Trim('\'', '"');
        return Values(typed)
            .Where(value => value.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(value => new CompletionResult(Quoted(value), value, CompletionResultType.ParameterValue, value));
    }

    private protected abstract IEnumerable<string> Values(string typed);

    // A star or a bracket needs no quotation marks in an argument; a comma, a space or an at sign does.
    private static string Quoted(string value) => value.AsSpan().ContainsAny(Special) ? "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'" : value;
}

/// <summary>Completes the words of a code.</summary>
public sealed class CodeCompleter : ValueCompleter
{
    private protected override IEnumerable<string> Values(string typed) => EngineLoader.Engine.CompleteCode(typed);
}

/// <summary>Offers the relays of P2PCOPY_RELAY, then the beginnings of addresses.</summary>
public sealed class RelayCompleter : ValueCompleter
{
    private protected override IEnumerable<string> Values(string typed)
        => [.. (Environment.GetEnvironmentVariable("P2PCOPY_RELAY") ?? string.Empty).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries), "wss://", "ws://"];
}

/// <summary>Offers the addresses of this machine with the default port.</summary>
public sealed class ListenCompleter : ValueCompleter
{
    private const int UsualPort = 8765;

    private protected override IEnumerable<string> Values(string typed)
    {
        IEnumerable<string> own = NetworkInterface.GetAllNetworkInterfaces()
            .Where(n => n.OperationalStatus == OperationalStatus.Up)
            .SelectMany(n => n.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => !a.IsIPv6LinkLocal)
            .Select(a => a.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{a}]" : a.ToString());
        return own.Prepend("*").Select(a => string.Create(CultureInfo.InvariantCulture, $"{a}:{UsualPort}")).Distinct();
    }
}

/// <summary>Offers numbers of parallel connections.</summary>
public sealed class ConnectionCountCompleter : ValueCompleter
{
    private protected override IEnumerable<string> Values(string typed) => ["Auto", "1", "2", "4", "8", "16"];
}

/// <summary>Offers sizes of chunks.</summary>
public sealed class ChunkSizeCompleter : ValueCompleter
{
    private protected override IEnumerable<string> Values(string typed) => ["512KB", "1MB", "2MB", "4MB"];
}

/// <summary>Offers amounts of bytes, or of bytes per second.</summary>
public sealed class AmountCompleter : ValueCompleter
{
    private protected override IEnumerable<string> Values(string typed) => ["1MB", "10MB", "100MB", "1GB", "10GB"];
}
