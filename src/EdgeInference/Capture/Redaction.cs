using System.Text.RegularExpressions;

namespace EdgeInference.Capture;

/// <summary>Takes credentials out of text that holds addresses: our own messages and ffmpeg's.</summary>
internal static class Redaction
{
    private const string Hidden = "***";

    // Up to the last @ before the path, so that a password which itself holds an @ is hidden whole.
    private static readonly Regex UserInfo = new(
        @"://[^\s/?#]*@", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static readonly Regex SecretQueryValue = new(
        @"(?<key>[?&;][^=&;\s]*(pass|pwd|token|secret|auth|key|sig|credential|session)[^=&;\s]*=)[^&;\s'""#]*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    /// <summary>
    /// Hides what stands before the @ of an address, and the values of query keys that name a secret. Errs on the side
    /// of hiding: "monkey=1" is taken for a key.
    /// </summary>
    public static string Redact(string text)
    {
        if (text.Contains('@', StringComparison.Ordinal))
            text = UserInfo.Replace(text, $"://{Hidden}@");
        return text.Contains('=', StringComparison.Ordinal) ? SecretQueryValue.Replace(text, $"${{key}}{Hidden}") : text;
    }
}
