using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeInference.TestSupport;

/// <summary>A certificate and its key as PEM files.</summary>
internal sealed record CertificateFiles(string Certificate, string Key);

/// <summary>An authority of its own with the certificates that tests need, in a folder that goes with it.</summary>
internal sealed class TestCertificates : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-certificates-");
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;

    public TestCertificates()
    {
        _root = Authority("EdgeInference Test Root", issuer: null);
        _intermediate = Authority("EdgeInference Test Intermediate", _root);
        CaFile = Write("ca.pem", _root.ExportCertificatePem());
        using X509Certificate2 other = Authority("Another Root", issuer: null);
        OtherCaFile = Write("other-ca.pem", other.ExportCertificatePem());
    }

    public string Folder => _folder.FullName;

    /// <summary>The root that all certificates go back to.</summary>
    public string CaFile { get; }

    /// <summary>A root that has signed none of them.</summary>
    public string OtherCaFile { get; }

    /// <summary>For localhost and the loopback addresses.</summary>
    public CertificateFiles Server() => Issue("server", ServerUse, _root, ["localhost"], _now.AddDays(-1), _now.AddDays(30));

    public CertificateFiles ExpiredServer() => Issue("expired", ServerUse, _root, ["localhost"], _now.AddDays(-20), _now.AddDays(-10));

    /// <summary>Signed by itself, as small installations have it.</summary>
    public CertificateFiles SelfSignedServer() => Issue("self-signed", ServerUse, null, ["localhost"], _now.AddDays(-1), _now.AddDays(30));

    public CertificateFiles ServerOf(string host) => Issue("other-host", ServerUse, _root, [host], _now.AddDays(-1), _now.AddDays(30));

    /// <summary>Signed by an intermediate authority, whose certificate follows in the file.</summary>
    public CertificateFiles Client(string? keyPassword = null) =>
        Issue("client", ClientUse, _intermediate, [], _now.AddDays(-1), _now.AddDays(30), keyPassword);

    public string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
        _folder.Delete(recursive: true);
    }

    private CertificateFiles Issue(
        string name, string use, X509Certificate2? issuer, string[] hosts, DateTimeOffset from, DateTimeOffset to, string? keyPassword = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        if (hosts.Length > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (string host in hosts)
                names.AddDnsName(host);
            if (hosts.Contains("localhost"))
                names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        using X509Certificate2 certificate = issuer is null
            ? request.CreateSelfSigned(from, to)
            : request.Create(issuer, from, to, SerialNumber());
        string pem = certificate.ExportCertificatePem();
        if (issuer is not null && issuer != _root)
            pem += "\n" + issuer.ExportCertificatePem();
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterationCount: 1000);
        string keyPem = keyPassword is null ? key.ExportPkcs8PrivateKeyPem() : key.ExportEncryptedPkcs8PrivateKeyPem(keyPassword, parameters);
        return new CertificateFiles(Write($"{name}.pem", pem), Write($"{name}.key", keyPem));
    }

    private X509Certificate2 Authority(string name, X509Certificate2? issuer)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));

        // Longer than all that it signs, and from before.
        if (issuer is null)
            return request.CreateSelfSigned(_now.AddDays(-60), _now.AddDays(90));
        using X509Certificate2 signed = request.Create(issuer, _now.AddDays(-50), _now.AddDays(60), SerialNumber());
        return signed.CopyWithPrivateKey(key);
    }

    private static byte[] SerialNumber()
    {
        byte[] number = RandomNumberGenerator.GetBytes(16);
        number[0] &= 0x7F;
        return number;
    }
}
