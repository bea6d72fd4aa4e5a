using P2PCopy.Cmdlets;

namespace P2PCopy.Module;

/// <summary>Parameters that several cmdlets have as options of the engine.</summary>
internal static class SharedOptions
{
    public static T Connection<T>(T options, RelayClientCommand command)
        where T : ConnectionOptions
        => options with
        {
            Token = command.Token is { } token ? SecretAttribute.ToText(token) : null,
            CaFile = command.CaFile,
            PinnedCertificate = command.PinnedCertificate,
            SkipCertificateCheck = command.SkipCertificateCheck,
            Proxy = command.Proxy,
            ProxyCredential = command.ProxyCredential?.GetNetworkCredential(),
            ConnectionTimeoutSeconds = command.ConnectionTimeoutSeconds,
        };

    public static T Apply<T>(T options, TransferCommand command)
        where T : TransferOptions
        => Connection(options, command) with
        {
            Relay = command.Relay ?? [],
            Code = command.Code is { } code ? SecretAttribute.ToText(code) : null,
            Encryption = (PayloadEncryption)command.Encryption,
            WaitTimeoutSeconds = command.WaitTimeoutSeconds,
            RetryTimeoutSeconds = command.RetryTimeoutSeconds,
            SilenceTimeoutSeconds = command.SilenceTimeoutSeconds,
        };
}
