using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Log;

/// <summary>Shows each report in the log.</summary>
public sealed class LogOptions : PublisherOptions
{
    /// <summary>Whether each report is shown in the log.</summary>
    public override bool? Enabled { get; set; } = true;
}

/// <summary>One line in the log for each report and message.</summary>
internal sealed partial class LogPublisher(ILogger<LogPublisher> logger) : IPublisher
{
    public static PublisherRegistration Registration { get; } = new(
        "Log",
        typeof(LogOptions),
        static (services, _, _) => new LogPublisher(services.GetRequiredService<ILogger<LogPublisher>>()));

    public bool WantsMessages => true;

    public string Destination => "the log";

    public ValueTask PublishAsync(Report report, CancellationToken cancellationToken)
    {
        LogReport(report.Stream, report.Summary, report.Model, report.Id);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // The model and the report's id are for whoever searches the journal by them.
    [LoggerMessage(EventId = 3100, Level = LogLevel.Information, Message = "{Stream}: {Summary}")]
    private partial void LogReport(string stream, string summary, string model, Guid reportId);
}
