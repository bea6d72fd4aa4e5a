using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace P2PCopy.Transport;

/// <summary>Decides whether the certificate of a relay is accepted, and explains a refusal in a sentence.</summary>
internal sealed class ServerCertificateCheck
{
    private readonly X509Certificate2Collection? _authorities;
    private readonly byte[]? _pin;
    private readonly bool _skip;

    /// <summary>Reads the file and the fingerprint of the options.</summary>
    /// <exception cref="P2PException">The file or the fingerprint cannot be used.</exception>
    public ServerCertificateCheck(RelayConnectorOptions options)
    {
        _skip = options.SkipCertificateCheck;
        _pin = options.PinnedCertificate is { } pin ? ParsePin(pin) : null;
        _authorities = options.CaFile is { } file ? ReadAuthorities(file) : null;
    }

    /// <summary>TLS settings for one attempt; <paramref name="seen"/> receives the certificate and its assessment.</summary>
    public SslClientAuthenticationOptions CreateOptions(string host, Action<SeenCertificate> seen)
    {
        var options = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                SeenCertificate judged = Judge(host, certificate, chain, errors);
                seen(judged);
                return judged.IsAccepted;
            },
        };
        if (_authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                // A private authority seldom runs a revocation service.
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }

        return options;
    }

    private SeenCertificate Judge(string host, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return new SeenCertificate(null, null, "it presented no certificate", null, IsAccepted: false);

        byte[] hash = SHA256.HashData(certificate.GetRawCertData());
        (string? problem, string? advice) = Problem(host, certificate, hash, chain, errors);
        DateTime? ends = certificate is X509Certificate2 known ? known.NotAfter.ToUniversalTime() : null;
        return new SeenCertificate(Convert.ToHexString(hash), ends, problem, advice, problem is null || (_skip && _pin is null));
    }

    private (string? Problem, string? Advice) Problem(string host, X509Certificate certificate, byte[] hash, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_pin is not null)
        {
            return hash.AsSpan().SequenceEqual(_pin)
                ? (null, null)
                : ($"its certificate has the SHA-256 {Convert.ToHexString(hash)}, which is not the one in `PinnedCertificate`",
                    "Ask the operator of the relay for the SHA-256 of its certificate; another machine may answer in its place.");
        }

        if (errors == SslPolicyErrors.None)
            return (null, null);

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return ($"its certificate ({RelayProtocol.Printable(certificate.Subject)}) is not for the name {host}",
                "Use a name that is in the certificate, or set `PinnedCertificate` to its SHA-256.");
        }

        X509ChainStatusFlags flags = X509ChainStatusFlags.NoError;
        foreach (X509ChainStatus status in chain?.ChainStatus ?? [])
            flags |= status.Status;
        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return ($"its certificate, or one above it, is not valid at this time (it ends {certificate.GetExpirationDateString()})",
                "Renew the certificate of the relay, or check the clock of this machine.");
        }

        if (flags.HasFlag(X509ChainStatusFlags.Revoked))
            return ("its certificate is revoked", "The operator of the relay must install a new certificate.");

        string trusted = _authorities is null ? "an authority that this machine trusts" : "an authority in `CaFile`";
        return ($"its certificate does not come from {trusted} ({flags})",
            "Set `CaFile` to its authority, or `PinnedCertificate` to the SHA-256 that the operator of the relay gives you; another machine may answer in its place.");
    }

    private static byte[] ParsePin(string pin)
    {
        string hex = pin.Trim().Replace(":", string.Empty, StringComparison.Ordinal);
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        if (hex.Length != 2 * hash.Length
            || Convert.FromHexString(hex, hash, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            throw new P2PException(
                P2PErrorCode.InvalidOption,
                "`PinnedCertificate` is not a SHA-256, which has 64 hex digits.")
            {
                Hint = "Use the output of `openssl x509 -noout -fingerprint -sha256`, with or without colons.",
            };
        }

        return hash;
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new P2PException(P2PErrorCode.InvalidOption, $"`CaFile` '{file}' could not be read: {e.Message}", e);
        }

        return authorities.Count > 0
            ? authorities
            : throw new P2PException(
                P2PErrorCode.InvalidOption,
                $"`CaFile` '{file}' contains no certificate.")
            {
                Hint = "Use a PEM file, which contains BEGIN CERTIFICATE.",
            };
    }
}

/// <summary>The certificate that a relay presented.</summary>
/// <param name="Sha256">Of the certificate, upper-case hex; null if there was none.</param>
/// <param name="NotAfter">Its end, UTC.</param>
/// <param name="Problem">Its problem, as the end of a sentence; null if it has none.</param>
/// <param name="Advice">What to do about the problem; null if there is nothing to do.</param>
/// <param name="IsAccepted">Whether the connection continues. With skipped checks it does despite a problem.</param>
internal sealed record SeenCertificate(string? Sha256, DateTime? NotAfter, string? Problem, string? Advice, bool IsAccepted);
