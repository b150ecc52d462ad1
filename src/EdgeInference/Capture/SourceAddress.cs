using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeInference.Capture;

internal enum SourceKind
{
    /// <summary>A video file or a folder of images: which of the two is seen when it is opened.</summary>
    File,
    Camera,
    Rtsp,
    Http,
}

/// <summary>A source's input, understood. <paramref name="Target"/> is what ffmpeg opens and may hold credentials.</summary>
internal sealed record SourceAddress(SourceKind Kind, string Target)
{
    private const string Allowed =
        "a file, a folder of images, /dev/videoN, or an rtsp://, rtsps://, http:// or https:// address";

    /// <summary>scheme:/rest, or user:password@rest: taken for a file name, it would be shown with its password.</summary>
    private static readonly Regex LooksLikeAddress = new(
        @"^([A-Za-z][A-Za-z0-9+.-]+:/|[^/\s]+:[^/\s]+@)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    public string DisplayName => Kind is SourceKind.Rtsp or SourceKind.Http ? Redaction.Redact(Target) : Target;

    public bool IsLive => Kind != SourceKind.File;

    public override string ToString() => DisplayName;

    /// <summary>What is wrong with an input, without repeating it, since it may hold a password; null if nothing is.</summary>
    public static string? FindFault(string input)
    {
        string text = input.Trim();
        if (text.Length == 0)
            return $"Input is {Allowed}; it is empty.";
        if (text.Any(char.IsControl))
            return $"Input is {Allowed}; it holds a line break or another control character.";

        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return LooksLikeAddress.IsMatch(text) ? $"Input is {Allowed}; it looks like an address that lacks its ://." : null;
        if (KindOfScheme(text[..scheme]) is null)
            return $"Input is {Allowed}; {text[..scheme]}:// is none of these.";
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && (uri.IsFile || uri.Host.Length > 0)
            ? null
            : "Input is not a valid address (a special character in a user name or password is written as %XX).";
    }

    /// <summary>Expects an input that <see cref="FindFault"/> has passed.</summary>
    public static SourceAddress Parse(string input)
    {
        string text = input.Trim();
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0 && KindOfScheme(text[..scheme]) is { } kind)
            return new SourceAddress(kind, kind == SourceKind.File ? new Uri(text).LocalPath : text);
        if (text.Length <= 3 && text.All(char.IsAsciiDigit))
            return new SourceAddress(SourceKind.Camera, "/dev/video" + int.Parse(text, CultureInfo.InvariantCulture));
        return new SourceAddress(
            text.StartsWith("/dev/video", StringComparison.Ordinal) ? SourceKind.Camera : SourceKind.File, text);
    }

    /// <exception cref="CaptureException">A file or camera is not there, or a file is empty.</exception>
    public void EnsureExists()
    {
        if (Kind == SourceKind.Camera && !File.Exists(Target))
            throw new CaptureException($"{DisplayName}: there is no such camera.");
        if (Kind != SourceKind.File || Directory.Exists(Target))
            return;
        if (!File.Exists(Target))
            throw new CaptureException($"{DisplayName}: the file does not exist.");
        if (new FileInfo(Target).Length == 0)
            throw new CaptureException($"{DisplayName}: the file is empty.");
    }

    private static SourceKind? KindOfScheme(string scheme) => scheme.ToLowerInvariant() switch
    {
        "rtsp" or "rtsps" => SourceKind.Rtsp,
        "http" or "https" => SourceKind.Http,
        "file" => SourceKind.File,
        _ => null,
    };
}
