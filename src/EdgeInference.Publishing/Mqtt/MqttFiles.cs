using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>A file of the options cannot be used. The message continues a sentence that names the option.</summary>
internal sealed class MqttFileException(string option, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public string Option { get; } = option;
}

/// <summary>Reads the files that the options name. They are read for each connection, so that renewed ones are taken without a restart.</summary>
internal static class MqttFiles
{
    private const string EncryptedKeyLabel = "BEGIN ENCRYPTED PRIVATE KEY";

    /// <summary>What is wrong with them: reads them all, and each of them by itself before two are looked at together.</summary>
    public static IReadOnlyList<MqttFileException> FindFaults(MqttOptions options)
    {
        var faults = new List<MqttFileException>();
        Try(() => Dispose(ReadAuthorities(options)));
        if (options is { CertificateFile: { } certificate, KeyFile: { } key })
        {
            int before = faults.Count;
            Try(() => Dispose(ReadCertificates(certificate, nameof(options.CertificateFile))));
            Try(() => ReadText(key, nameof(options.KeyFile)));
            if (faults.Count == before)
                Try(() => CheckClientCertificate(options));
        }

        Try(() => ReadPassword(options));
        return faults;

        void Try(Action read)
        {
            try
            {
                read();
            }
            catch (MqttFileException exception)
            {
                faults.Add(exception);
            }
        }
    }

    /// <summary>The certificates of <see cref="MqttOptions.CaFile"/>; empty where there is none.</summary>
    public static X509Certificate2Collection ReadAuthorities(MqttOptions options)
    {
        if (options.CaFile is not { } path)
            return [];
        X509Certificate2Collection authorities = ReadCertificates(path, nameof(MqttOptions.CaFile));
        if (!authorities.Any(IsRoot))
        {
            Dispose(authorities);
            throw new MqttFileException(nameof(MqttOptions.CaFile), $"'{path}' holds no root certificate, which is one that its own key has signed");
        }

        return authorities;
    }

    public static bool IsRoot(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    /// <summary>The client's certificate with those between it and the root; null where the options name none.</summary>
    public static SslStreamCertificateContext? ReadClientContext(MqttOptions options)
    {
        if (options.CertificateFile is null)
            return null;
        (X509Certificate2 certificate, X509Certificate2Collection intermediates) = ReadClientCertificate(options);
        return SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
    }

    /// <summary>The password; null where there is none.</summary>
    public static string? ReadPassword(MqttOptions options) => options.PasswordFile is { } path
        ? ReadText(path, nameof(MqttOptions.PasswordFile)).TrimEnd('\r', '\n')
        : options.Password;

    private static void CheckClientCertificate(MqttOptions options)
    {
        (X509Certificate2 certificate, X509Certificate2Collection intermediates) = ReadClientCertificate(options);
        certificate.Dispose();
        Dispose(intermediates);
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Intermediates) ReadClientCertificate(MqttOptions options)
    {
        string certificatePath = options.CertificateFile!;
        string keyPath = options.KeyFile!;
        X509Certificate2Collection chain = ReadCertificates(certificatePath, nameof(MqttOptions.CertificateFile));
        string key = ReadText(keyPath, nameof(MqttOptions.KeyFile));
        bool isEncrypted = key.Contains(EncryptedKeyLabel, StringComparison.Ordinal);
        if (isEncrypted && options.KeyPassword is null)
            throw new MqttFileException(nameof(MqttOptions.KeyFile), $"'{keyPath}' is encrypted: {nameof(MqttOptions.KeyPassword)} is required");
        try
        {
            string certificates = ReadText(certificatePath, nameof(MqttOptions.CertificateFile));
            X509Certificate2 certificate = isEncrypted
                ? X509Certificate2.CreateFromEncryptedPem(certificates, key, options.KeyPassword)
                : X509Certificate2.CreateFromPem(certificates, key);
            chain[0].Dispose();
            chain.RemoveAt(0);
            return (certificate, chain);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // The inner exception is left out: nobody has promised that it says nothing of the key.
            Dispose(chain);
            string reason = isEncrypted
                ? $"cannot be opened with {nameof(MqttOptions.KeyPassword)}, or is not the key of '{certificatePath}'"
                : $"is no private key in PEM, or not that of '{certificatePath}'";
            throw new MqttFileException(nameof(MqttOptions.KeyFile), $"'{keyPath}' {reason}");
        }
    }

    private static X509Certificate2Collection ReadCertificates(string path, string option)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(ReadText(path, option));
        }
        catch (CryptographicException exception)
        {
            throw new MqttFileException(option, $"'{path}' holds a damaged certificate", exception);
        }

        return certificates.Count > 0 ? certificates : throw new MqttFileException(option, $"'{path}' holds no certificate in PEM");
    }

    private static string ReadText(string path, string option)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string reason = exception switch
            {
                // A bare name would have become the credential's path.
                FileNotFoundException when !path.Contains('/', StringComparison.Ordinal) =>
                    $"is neither in {Directory.GetCurrentDirectory()} nor among the service's credentials, which are the files in /etc/edge-inference/credentials: only systemd and sudo edge-inference hand them over",
                FileNotFoundException or DirectoryNotFoundException => "does not exist",
                UnauthorizedAccessException => "may not be read by this user, or is a folder",
                _ => "cannot be read",
            };
            throw new MqttFileException(option, $"'{path}' {reason}", exception);
        }
    }

    private static void Dispose(X509Certificate2Collection certificates)
    {
        foreach (X509Certificate2 certificate in certificates)
            certificate.Dispose();
    }
}
