using System.Collections;
using EdgeInference.Publishing;
using EdgeInference.Service.Options;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Configuration;

/// <summary>The whole configuration, bound and valid.</summary>
/// <param name="Options">The options; every stream has a name.</param>
/// <param name="ParamStream">Name of the stream that the PARAM_ variables describe; null when they describe none.</param>
/// <param name="Warnings">What was passed over.</param>
internal sealed record ServiceConfiguration(EdgeInferenceOptions Options, string? ParamStream, IReadOnlyList<string> Warnings)
{
    private const string Section = "EdgeInference";

    /// <summary>The library that PARAM_CPU_EXTENSION_PATH names for the first stream, to be ignored where it is of no use; null for none.</summary>
    public string? ParamCpuExtension { get; init; }

    /// <summary>Binds what appsettings.json and the environment say. Later ones win: file, PARAM_ variables, EdgeInference__ variables.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; it lists everything that is.</exception>
    public static ServiceConfiguration Load(
        IConfiguration file, IDictionary environment, IReadOnlyList<PublisherRegistration> publishers)
    {
        ParamSettings param = ParamVariables.Read(environment);
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddConfiguration(file)
            .AddInMemoryCollection(param.Values)
            .AddInMemoryCollection(EnvironmentKeys(environment))
            .Build();
        ServiceConfiguration bound = Bind(configuration, param.OriginsIn(configuration), publishers);
        return bound with
        {
            ParamStream = param.DescribeStream ? bound.Options.Streams[0].Name : null,
            ParamCpuExtension = param.CpuExtension,
            Warnings = param.Warnings,
        };
    }

    /// <summary>Binds settings that came from elsewhere, such as flags of the command line.</summary>
    /// <param name="settings">Configuration keys and values.</param>
    /// <param name="origins">Names of the settings as their owner wrote them, by configuration key.</param>
    /// <param name="publishers">The publishers that exist.</param>
    /// <exception cref="ConfigurationException">Something is wrong; it lists everything that is.</exception>
    public static ServiceConfiguration FromSettings(
        IReadOnlyDictionary<string, string?> settings, IReadOnlyDictionary<string, string> origins, IReadOnlyList<PublisherRegistration> publishers) =>
        Bind(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), origins, publishers);

    /// <summary>Binds one of the sections that all streams share, and no more: for looking into things whatever else is configured.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; it lists everything that is.</exception>
    public static TOptions LoadSection<TOptions>(string name, IConfiguration file, IDictionary environment)
        where TOptions : class, new()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddConfiguration(file).AddInMemoryCollection(EnvironmentKeys(environment)).Build();
        var binder = new OptionsBinder([]);
        TOptions options = binder.Bind<TOptions>(configuration.GetSection($"{Section}:{name}"));
        return binder.Faults.Count == 0 ? options : throw new ConfigurationException(binder.Faults);
    }

    private static ServiceConfiguration Bind(
        IConfiguration configuration,
        IReadOnlyDictionary<string, string> origins,
        IReadOnlyList<PublisherRegistration> publishers)
    {
        var binder = new OptionsBinder(publishers);
        EdgeInferenceOptions options = binder.Bind<EdgeInferenceOptions>(configuration.GetSection(Section));
        List<ConfigurationFault> faults = [.. binder.Faults.Select(NameAsWritten)];
        if (options.Streams.Count == 0)
            faults.Add(new ConfigurationFault($"{Section}:Streams", "no stream is configured; set PARAM_MODEL_XML and PARAM_INPUT_SOURCE, or add a stream to appsettings.json"));
        NameStreams(options.Streams, faults);
        return faults.Count == 0 ? new ServiceConfiguration(options, null, []) : throw new ConfigurationException(faults);

        ConfigurationFault NameAsWritten(ConfigurationFault fault) =>
            origins.TryGetValue(fault.Key, out string? origin) ? fault with { Key = origin } : fault;
    }

    private static void NameStreams(List<StreamOptions> streams, List<ConfigurationFault> faults)
    {
        for (int i = 0; i < streams.Count; i++)
        {
            streams[i].Name ??= $"stream{i + 1}";
            if (streams.Take(i).Any(other => string.Equals(other.Name, streams[i].Name, StringComparison.OrdinalIgnoreCase)))
                faults.Add(new ConfigurationFault($"{Section}:Streams:{i}:Name", $"'{streams[i].Name}' is the name of another stream"));
        }
    }

    private static Dictionary<string, string?> EnvironmentKeys(IDictionary environment) => environment
        .Cast<DictionaryEntry>()
        .Where(static entry => ((string)entry.Key).StartsWith(Section + "__", StringComparison.OrdinalIgnoreCase))
        .ToDictionary(
            static entry => ((string)entry.Key).Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal),
            static entry => (string?)entry.Value,
            StringComparer.OrdinalIgnoreCase);
}
