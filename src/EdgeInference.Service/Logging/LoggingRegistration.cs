using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using EdgeInference.Service.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace EdgeInference.Service.Logging;

internal static class LoggingRegistration
{
    private const string Section = "Serilog";
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>
    /// Logs to the journal where standard error leads there, else to standard error: standard output holds reports only. The
    /// section Serilog sets levels.
    /// </summary>
    /// <exception cref="ConfigurationException">That section is wrong.</exception>
    public static IServiceCollection AddLog(this IServiceCollection services, IConfiguration configuration)
    {
        Logger logger = CreateLogger(configuration);
        return services.AddLogging(logging => logging.ClearProviders().AddSerilog(logger, dispose: true));
    }

    [SuppressMessage("Design", "CA1031", Justification = "Rethrown as what it means to the owner of the configuration.")]
    private static Logger CreateLogger(IConfiguration configuration)
    {
        try
        {
            return new LoggerConfiguration()
                .MinimumLevel.Information()
                .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
                .ReadFrom.Configuration(configuration)
                .WriteTo.Sink(new RepeatLimit(CreateSink(), TimeProvider.System))
                .CreateLogger();
        }
        catch (Exception exception)
        {
            // The library throws whatever the types that the section names throw.
            throw new ConfigurationException([new ConfigurationFault(Section, exception.Message)]);
        }
    }

    private static ILogEventSink CreateSink()
    {
        Logger standardError = new LoggerConfiguration()
            .MinimumLevel.Verbose()
            .WriteTo.Console(outputTemplate: Template, standardErrorFromLevel: LogEventLevel.Verbose, formatProvider: CultureInfo.InvariantCulture)
            .CreateLogger();
        return Journal.IsStandardError ? new JournalSink(Journal.SocketPath, standardError) : standardError;
    }
}
