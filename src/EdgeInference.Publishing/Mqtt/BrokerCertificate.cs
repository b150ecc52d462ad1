using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>Says what is wrong with a broker's certificate. Nothing turns this check off.</summary>
internal static class BrokerCertificate
{
    private const int MaxNames = 5;

    /// <summary>All faults in one line; null when there are none.</summary>
    public static string? FindFault(string host, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return null;
        if (certificate is not X509Certificate2 broker || chain is null)
            return "it has no certificate";
        var faults = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            faults.AddRange(FindFaults(chain));
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            faults.Add($"its certificate is not for the host name {host} but for {Names(broker)}");
        return faults.Count > 0 ? string.Join("; ", faults) : "its certificate is not valid";
    }

    private static IEnumerable<string> FindFaults(X509Chain chain)
    {
        var told = X509ChainStatusFlags.NoError;
        foreach (X509ChainElement element in chain.ChainElements)
        {
            X509Certificate2 certificate = element.Certificate;
            string whose = element == chain.ChainElements[0] ? "its certificate" : $"the certificate of its authority '{certificate.Subject}'";
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            foreach (X509ChainStatus status in element.ChainElementStatus)
            {
                // A fault goes up the chain, and is the same one there.
                if (told.HasFlag(status.Status))
                    continue;
                told |= status.Status;
                yield return status.Status switch
                {
                    X509ChainStatusFlags.NotTimeValid when new DateTimeOffset(certificate.NotAfter) < now =>
                        $"{whose} has expired on {Day(certificate.NotAfter)}",
                    X509ChainStatusFlags.NotTimeValid =>
                        $"{whose} is valid from {Day(certificate.NotBefore)} on, and this machine's clock says {Day(now.UtcDateTime)}",
                    X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain =>
                        $"its certificate is signed by an unknown authority, '{certificate.Issuer}' (CaFile names the authorities to trust)",
                    X509ChainStatusFlags.NotValidForUsage => $"{whose} is not for this use",
                    _ => $"{whose} is not valid ({status.Status})",
                };
            }
        }

        // The missing authority stands for the whole chain, and not at one of its elements.
        bool isTold = (told & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != X509ChainStatusFlags.NoError;
        if (!isTold && chain.ChainElements.Count > 0 && chain.ChainStatus.Any(static status => status.Status == X509ChainStatusFlags.PartialChain))
            yield return $"its certificate is signed by an unknown authority, '{chain.ChainElements[^1].Certificate.Issuer}' (CaFile names the authorities to trust)";
    }

    private static string Names(X509Certificate2 certificate)
    {
        List<string> names = [];
        foreach (X509SubjectAlternativeNameExtension extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.AddRange(extension.EnumerateDnsNames());
            names.AddRange(extension.EnumerateIPAddresses().Select(static address => address.ToString()));
        }

        if (names.Count == 0)
            return $"'{certificate.Subject}'";
        return string.Join(", ", names.Take(MaxNames)) + (names.Count > MaxNames ? " and more" : "");
    }

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
