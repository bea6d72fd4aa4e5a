using System.Security.Cryptography.X509Certificates;
using P2PCopy.Relay.Hosting;

namespace P2PCopy.Tool.Display;

/// <summary>What an operator who starts a relay on a terminal wants to know: who may use it, and the command of a client.</summary>
internal static class RelayGreeting
{
    public static IEnumerable<string> Of(RelayServer server)
    {
        RelayOptions options = server.Hub.Options;
        yield return string.Empty;
        yield return Users(options);
        if (Address(server) is not { } address)
            yield break;
        yield return "A client runs:";
        yield return string.Empty;
        yield return $"    p2pcopy send PATH --relay {address}{(IsForTokens(options) ? " --token-file FILE" : string.Empty)}";
        yield return string.Empty;
    }

    private static string Users(RelayOptions options)
    {
        string tokens = options.TokenFile is { } file ? $" with a token of {HumanText.Safe(file)}" : options.Token is not null ? " with the token" : string.Empty;
        string addresses = options.AllowedAddresses.Count > 0 ? $" from {HumanText.Safe(string.Join(", ", options.AllowedAddresses))}" : string.Empty;
        return tokens.Length + addresses.Length > 0
            ? $"Clients{tokens}{addresses} may use this relay."
            : "Every client may use this relay; --token-file and --allowed-addresses limit it.";
    }

    // With TLS, clients need a name of the certificate.
    private static string? Address(RelayServer server)
    {
        bool isSecure = server.Hub.Certificate is not null;
        if (ReachableAddresses.Of(server, isSecure) is not [{ } first, ..])
            return null;
        string name = server.Hub.Certificate?.Value.Context.TargetCertificate.GetNameInfo(X509NameType.DnsName, forIssuer: false) ?? string.Empty;
        return (name.Length > 0 && !name.Contains('*', StringComparison.Ordinal) ? new UriBuilder(first) { Host = name }.Uri : first).AbsoluteUri.TrimEnd('/');
    }

    private static bool IsForTokens(RelayOptions options) => options.TokenFile is not null || options.Token is not null;
}
