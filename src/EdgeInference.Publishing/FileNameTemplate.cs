using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeInference.Publishing;

/// <summary>
/// Makes the relative name of a report's picture, with '/' between folders: <c>{stream}/{yyyy}/{MM}/{dd}/{timestamp}.jpg</c>.
/// Also known: <c>{HH}</c> and <c>{id}</c>. The timestamp is the report's, with '-' in place of ':', which neither
/// every file system nor every S3 tool takes, and with a seventh digit where the clock was set back, so that no two reports
/// have the same.
/// </summary>
public sealed partial class FileNameTemplate
{
    /// <summary>How the samples named their pictures.</summary>
    public const string OfSamples = "{timestamp}.jpeg";

    /// <summary>Keeps the pictures of many streams and days apart.</summary>
    public const string OfStreams = "{stream}/{yyyy}/{MM}/{dd}/{timestamp}.jpg";

    private readonly string _template;

    /// <exception cref="FormatException">An unknown placeholder, or a name that would leave its folder.</exception>
    public FileNameTemplate(string template)
    {
        if (Fault(template) is { } fault)
            throw new FormatException(fault);
        _template = template;
    }

    public string NameOf(Report report) => Placeholder().Replace(_template, match => Value(match.Groups["name"].Value, report)!);

    /// <summary>What is wrong with a template; null when nothing is.</summary>
    public static string? Fault(string template)
    {
        string rest = Placeholder().Replace(template, static match => Value(match.Groups["name"].Value, Sample) is null ? match.Value : "x");
        if (rest.AsSpan().IndexOfAny('{', '}') >= 0)
            return $"'{template}' has an unknown placeholder; known are {{timestamp}}, {{stream}}, {{id}}, {{yyyy}}, {{MM}}, {{dd}} and {{HH}}";
        if (rest.StartsWith('/') || rest.Split('/').Any(static part => part is "" or "." or "..") || rest.Any(static character => character == '\\' || char.IsControl(character)))
            return $"'{template}' must be a relative name without empty parts, '.', '..', '\\' or control characters";
        return null;
    }

    private static Report Sample { get; } = new()
    {
        Id = Guid.Empty,
        Stream = "x",
        Model = "m",
        Kind = ReportKind.Result,
        Timestamp = DateTimeOffset.UnixEpoch,
        Topic = "",
        Payload = default,
        Summary = "",
    };

    private static string? Value(string name, Report report) => name switch
    {
        "timestamp" => TimestampOf(report.Timestamp.UtcDateTime),
        "stream" => report.Stream,
        "id" => report.Id.ToString(),
        "yyyy" or "MM" or "dd" or "HH" => report.Timestamp.UtcDateTime.ToString(name, CultureInfo.InvariantCulture),
        _ => null,
    };

    // Microseconds always; the digit behind them where there is one.
    private static string TimestampOf(DateTime time) => time.ToString(
        time.Ticks % TimeSpan.TicksPerMicrosecond == 0 ? "yyyy-MM-dd'T'HH-mm-ss.ffffff" : "yyyy-MM-dd'T'HH-mm-ss.fffffff", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{(?<name>[A-Za-z]+)\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}

/// <summary>Checks that an option is a template that <see cref="FileNameTemplate"/> takes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FileNameTemplateAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        ArgumentNullException.ThrowIfNull(validationContext);
        return value is string template && FileNameTemplate.Fault(template) is { } fault
            ? new ValidationResult(fault, [validationContext.MemberName!])
            : ValidationResult.Success;
    }
}
