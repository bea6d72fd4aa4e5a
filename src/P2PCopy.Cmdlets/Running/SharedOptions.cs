using P2PCopy.Transfer;

namespace P2PCopy.Cmdlets.Running;

/// <summary>Parameters of both transferring cmdlets as options of the engine.</summary>
internal static class SharedOptions
{
    public static T Apply<T>(T options, TransferCommand command)
        where T : TransferOptions
        => options with
        {
            Relay = command.Relay ?? [],
            Code = command.Code is { } code ? SecretAttribute.ToText(code) : null,
            Token = command.Token is { } token ? SecretAttribute.ToText(token) : null,
            Encryption = (PayloadEncryption)command.Encryption,
            CaFile = command.CaFile,
            PinnedCertificate = command.PinnedCertificate,
            SkipCertificateCheck = command.SkipCertificateCheck,
            Proxy = command.Proxy,
            ProxyCredential = command.ProxyCredential?.GetNetworkCredential(),
            ConnectionTimeoutSeconds = command.ConnectionTimeoutSeconds,
            WaitTimeoutSeconds = command.WaitTimeoutSeconds,
            RetryTimeoutSeconds = command.RetryTimeoutSeconds,
            SilenceTimeoutSeconds = command.SilenceTimeoutSeconds,
        };
}
