using System.Globalization;
using EdgeInference.Service.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;

namespace EdgeInference.Service.Logging;

internal static class LoggingRegistration
{
    private const string Section = "Serilog";
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>Logs to standard error, so that standard output holds reports only. The section Serilog sets levels.</summary>
    /// <exception cref="ConfigurationException">That section is wrong.</exception>
    public static IServiceCollection AddLogToStandardError(this IServiceCollection services, IConfiguration configuration)
    {
        Serilog.Core.Logger logger = CreateLogger(configuration);
        return services.AddLogging(logging => logging.ClearProviders().AddSerilog(logger, dispose: true));
    }

    private static Serilog.Core.Logger CreateLogger(IConfiguration configuration)
    {
        try
        {
            return new LoggerConfiguration()
                .MinimumLevel.Information()
                .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
                .ReadFrom.Configuration(configuration)
                .WriteTo.Console(
                    outputTemplate: Template, standardErrorFromLevel: LogEventLevel.Verbose, formatProvider: CultureInfo.InvariantCulture)
                .CreateLogger();
        }
        catch (InvalidOperationException exception)
        {
            throw new ConfigurationException([new ConfigurationFault(Section, exception.Message)]);
        }
    }
}
