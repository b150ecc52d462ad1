using System.CommandLine;
using System.Text.Json;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Outbox;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Logging;
using EdgeInference.Service.Options;
using EdgeInference.Service.Streams;
using EdgeInference.Service.SystemRequirements;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.CommandLine;

/// <summary><c>run</c>, and <c>check</c>, which stops before the first frame.</summary>
internal static class RunCommand
{
    public static readonly Option<string> ConfigFlag = new("--config")
    {
        Description = "configuration file; default: appsettings.json beside the program, and over it that in $CONFIGURATION_DIRECTORY",
    };

    private static readonly Option<string> FormatFlag = new Option<string>("--format")
    {
        Description = "json writes each report as a line to standard output; text shows it in the log",
        DefaultValueFactory = static _ => "text",
    }.AcceptOnlyFromAmong("text", "json");

    private static readonly Option<bool> NoCacheFlag = new("--no-cache") { Description = "neither take optimised models from the cache nor keep them there" };

    public static Command CreateRun() => MakeRun(new Command(
        "run", "Runs the configured streams, or with --model and --input one stream without a configuration file."));

    /// <summary>Makes a command run the streams.</summary>
    public static TCommand MakeRun<TCommand>(TCommand command)
        where TCommand : Command
    {
        AddOptions(command);
        command.SetAction((parsed, cancellationToken) => ReportFaultsAsync(() =>
        {
            SystemFindings system = SystemCheck.FindMissing(SystemProbe.OfThisProcess());
            return InvokeAsync(parsed, system, (configuration, source) => system.Faults.Count > 0
                ? throw new ConfigurationException(system.Faults)
                : ServiceHost.RunAsync(configuration, source, IsJson(parsed) && ProgressBar.IsUseful, cancellationToken));
        }));
        return command;
    }

    public static Command CreateCheck()
    {
        var command = new Command("check", "Looks for what the system must bring, validates the configuration and loads the models: exit code 0, or 78 with every fault.");
        AddOptions(command);
        command.SetAction((parsed, cancellationToken) => ReportFaultsAsync(async () =>
        {
            SystemFindings system = await SystemCheck.InspectAsync(SystemProbe.OfThisProcess(), cancellationToken);
            return await InvokeAsync(parsed, system, (configuration, _) => ServiceHost.CheckAsync(configuration, system));
        }));
        return command;
    }

    private static void AddOptions(Command command)
    {
        command.Options.Add(ConfigFlag);
        command.Options.Add(FormatFlag);
        command.Options.Add(NoCacheFlag);
        OneShotFlags.AddTo(command);
    }

    /// <summary>Does something, and tells what is wrong with the configuration.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ReportFaultsAsync(Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (ConfigurationException exception)
        {
            foreach (ConfigurationFault fault in exception.Faults)
                await StandardError.WriteErrorAsync($"{fault}");
            return ExitCode.WrongConfiguration;
        }
        catch (OutboxException exception)
        {
            await StandardError.WriteErrorAsync(exception.Message);
            return ExitCode.Failed;
        }
    }

    /// <exception cref="ConfigurationException">The configuration is wrong; it lists what the system lacks, too.</exception>
    private static async Task<int> InvokeAsync(
        ParseResult parsed, SystemFindings system, Func<LoadedConfiguration, ConfigurationSource, Task<int>> action)
    {
        using var scratch = new ScratchFolder();
        var source = new ConfigurationSource(() => Load(parsed), IsOneShot(parsed) ? [] : FilesOf(parsed.GetValue(ConfigFlag)));
        LoadedConfiguration configuration = Load(source, system);

        // A run without a file is over when it ends: nothing of it waits for a next one.
        if (IsOneShot(parsed))
            configuration.Service.Options.Outbox.Directory = scratch.Path;
        return await action(configuration, source);
    }

    private static bool IsOneShot(ParseResult parsed) => OneShotFlags.Read(parsed).Settings.Count > 0;

    private static LoadedConfiguration Load(ConfigurationSource source, SystemFindings system)
    {
        if (!system.CanReadConfiguration)
            throw new ConfigurationException(system.Faults);
        try
        {
            return source.Load();
        }
        catch (ConfigurationException exception) when (system.Faults.Count > 0)
        {
            throw new ConfigurationException([.. system.Faults, .. exception.Faults]);
        }
    }

    private static LoadedConfiguration Load(ParseResult parsed)
    {
        (Dictionary<string, string?> settings, Dictionary<string, string> origins) = OneShotFlags.Read(parsed);
        string? path = parsed.GetValue(ConfigFlag);
        if (settings.Count > 0 && path is not null)
            throw new ConfigurationException([new ConfigurationFault("--config", $"describes all streams, {string.Join(", ", origins.Values.Distinct(StringComparer.Ordinal).Take(3))} a single one without a file: give one or the other")]);

        IConfigurationRoot file = settings.Count > 0 ? new ConfigurationBuilder().Build() : ReadFile(path);
        ServiceConfiguration configuration = settings.Count > 0
            ? ServiceConfiguration.FromSettings(settings, origins, BuiltInPublishers.All)
            : ServiceConfiguration.Load(file, Environment.GetEnvironmentVariables(), BuiltInPublishers.All, FilesOf(path));
        if (OneShotFlags.FindExposedPassword(parsed) is { } warning)
            configuration = configuration with { Warnings = [warning] };
        if (parsed.GetValue(NoCacheFlag))
            configuration.Options.Cache.Enabled = false;
        if (IsJson(parsed))
            PublishJson(configuration.Options.Streams);
        return new LoadedConfiguration(configuration, file);
    }

    /// <summary>Reports go to standard output as JSON, and so not to the log.</summary>
    private static void PublishJson(IEnumerable<StreamOptions> streams)
    {
        foreach (StreamOptions stream in streams)
        {
            stream.Publishers["StandardOutput"].Enabled = true;
            stream.Publishers["Log"].Enabled = false;
        }
    }

    private static bool IsJson(ParseResult parsed) => parsed.GetValue(FormatFlag) == "json";

    /// <exception cref="ConfigurationException">The file is not there, or no JSON.</exception>
    public static IConfigurationRoot ReadFile(string? path)
    {
        if (path?.Length == 0)
            throw new ConfigurationException([new ConfigurationFault("--config", "names no file")]);
        if (Directory.Exists(path))
            throw new ConfigurationException([new ConfigurationFault("--config", $"{Path.GetFullPath(path)} is a folder; name the file in it")]);
        if (path is not null && !File.Exists(path))
            throw new ConfigurationException([new ConfigurationFault("--config", $"there is no file {Path.GetFullPath(path)}")]);
        var builder = new ConfigurationBuilder();
        foreach (string file in FilesOf(path))
            builder.AddConfiguration(ReadFile(file, isOptional: path is null));
        return builder.Build();
    }

    private static IConfigurationRoot ReadFile(string path, bool isOptional)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonFile(path, isOptional).Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([new ConfigurationFault(path, Explain(exception))]);
        }
    }

    private static IReadOnlyList<string> FilesOf(string? path) => ConfigurationFiles.Find(path, Environment.GetEnvironmentVariables());

    /// <summary>The framework's message repeats the path; the innermost one says what is wrong, and where.</summary>
    private static string Explain(Exception exception) => exception.GetBaseException() switch
    {
        JsonException { LineNumber: { } line } json => $"line {line + 1} is not valid JSON: {WithoutQuotation(json.Message[..json.Message.IndexOf(" LineNumber", StringComparison.Ordinal)])}",
        var cause => cause.Message,
    };

    /// <summary>Of a value without its quotation marks the parser quotes all that is left of the line, which may be a password.</summary>
    private static string WithoutQuotation(string message)
    {
        int end = message.LastIndexOf("' is ", StringComparison.Ordinal);
        return message[0] == '\'' && end > 2 ? $"a value{message[(end + 1)..]}" : message;
    }
}
