using System.Security.Cryptography;
using System.Text;
using EdgeInference.TestServers;

namespace EdgeInference.Publishing.Tests.Aws;

/// <summary>
/// Calculates a signature anew from a request as it came over the wire, by the description of AWS: the test servers do not
/// look at signatures, the service does. For paths without characters that are encoded.
/// </summary>
internal static class SignatureV4
{
    public static bool Fits(StubRequest request, string secretKey)
    {
        // AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, SignedHeaders=a;b, Signature=<hex>
        string[] parts = request.Headers["Authorization"]["AWS4-HMAC-SHA256 ".Length..].Split(", ");
        string scope = parts[0].Split('/', 2)[1];
        string signedHeaders = parts[1]["SignedHeaders=".Length..];
        string[] line = request.Line.Split(' ');
        string[] target = line[1].Split('?', 2);
        string canonical = string.Join(
            '\n',
            line[0],
            target[0],
            target.Length == 2 ? target[1] : "",
            string.Concat(signedHeaders.Split(';').Select(name => $"{name}:{request.Headers[name]}\n")),
            signedHeaders,
            Hex(SHA256.HashData(request.Body)));
        string text = string.Join('\n', "AWS4-HMAC-SHA256", request.Headers["X-Amz-Date"], scope, Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        byte[] key = scope.Split('/').Aggregate(
            Encoding.UTF8.GetBytes("AWS4" + secretKey), static (key, part) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part)));
        return parts[2] == "Signature=" + Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
