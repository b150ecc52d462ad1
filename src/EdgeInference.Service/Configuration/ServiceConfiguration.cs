using System.Collections;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Service.Options;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Configuration;

/// <summary>The whole configuration, bound and valid.</summary>
/// <param name="Options">The options; every stream has a name.</param>
/// <param name="Streams">The streams of the options, with what else is known of them.</param>
/// <param name="Warnings">What was passed over.</param>
internal sealed record ServiceConfiguration(EdgeInferenceOptions Options, IReadOnlyList<ConfiguredStream> Streams, IReadOnlyList<string> Warnings)
{
    private const string Section = "EdgeInference";
    private const string VariablePrefix = $"{Section}__";
    private const string StreamsSection = $"{Section}:{nameof(EdgeInferenceOptions.Streams)}";

    /// <summary>Of the files: ours, and that of the log.</summary>
    private static readonly string[] s_sections = [Section, "Serilog"];

    /// <summary>Keys of files that can be credentials.</summary>
    private static readonly string[] s_files =
    [
        .. ((string[])[nameof(MqttOptions.CaFile), nameof(MqttOptions.CertificateFile), nameof(MqttOptions.KeyFile), nameof(MqttOptions.PasswordFile)])
            .Select(static name => $"{Section}:{nameof(EdgeInferenceOptions.Mqtt)}:{name}"),
    ];

    /// <summary>What was written for all streams together, and for the log, by key.</summary>
    public IReadOnlyDictionary<string, string> Shared { get; private init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys of what all streams share that are set otherwise, or only in one of the two.</summary>
    public IReadOnlyList<string> ChangedSharedKeys(ServiceConfiguration other) => ChangedKeys(Shared, other.Shared);

    /// <summary>Binds what appsettings.json and the environment say. Later ones win: file, PARAM_ variables, credentials, EdgeInference__ variables.</summary>
    /// <param name="file">What the files say.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="publishers">The publishers that exist.</param>
    /// <param name="files">The files, for messages: there or not.</param>
    /// <exception cref="ConfigurationException">Something is wrong; it lists everything that is.</exception>
    public static ServiceConfiguration Load(
        IConfiguration file, IDictionary environment, IReadOnlyList<PublisherRegistration> publishers, IReadOnlyList<string>? files = null)
    {
        ConfigurationFault[] unknown = [.. FindUnknownSections(file)];
        ParamSettings param = ParamVariables.Read(environment);
        var credentials = Credentials.Of(environment);
        Dictionary<string, string?> secrets = KeysOf(credentials.ReadSettings(VariablePrefix));
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddConfiguration(file)
            .AddInMemoryCollection(param.Values)
            .AddInMemoryCollection(secrets)
            .AddInMemoryCollection(KeysOf(Variables(environment)))
            .Build();
        configuration = new ConfigurationBuilder()
            .AddConfiguration(configuration)
            .AddInMemoryCollection(FindFiles(configuration, credentials))
            .AddInMemoryCollection(ThingName.Replace(configuration.GetSection(Section), environment))
            .Build();
        ServiceConfiguration bound = WithoutSecrets(secrets, () => Bind(configuration, param.OriginsIn(configuration), publishers, GreengrassServices.IsComponent(environment), [NoStreamIn(files ?? []), .. unknown]));
        ConfiguredStream first = bound.Streams[0] with { IsParamStream = param.DescribeStream, ParamCpuExtension = param.CpuExtension };
        return bound with { Streams = [first, .. bound.Streams.Skip(1)], Warnings = [.. unknown.Select(static fault => $"{fault}"), .. param.Warnings] };
    }

    /// <summary>Binds settings that came from elsewhere, such as flags of the command line.</summary>
    /// <param name="settings">Configuration keys and values.</param>
    /// <param name="origins">Names of the settings as their owner wrote them, by configuration key.</param>
    /// <param name="publishers">The publishers that exist.</param>
    /// <exception cref="ConfigurationException">Something is wrong; it lists everything that is.</exception>
    public static ServiceConfiguration FromSettings(
        IReadOnlyDictionary<string, string?> settings, IReadOnlyDictionary<string, string> origins, IReadOnlyList<PublisherRegistration> publishers) =>
        Bind(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), origins, publishers, isComponent: false, ifNoStream: [NoStreamIn([])]);

    /// <summary>Binds one of the sections that all streams share, and no more: for looking into things whatever else is configured.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; it lists everything that is.</exception>
    public static TOptions LoadSection<TOptions>(string name, IConfiguration file, IDictionary environment)
        where TOptions : class, new()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddConfiguration(file).AddInMemoryCollection(KeysOf(Variables(environment))).Build();
        var binder = new OptionsBinder([]);
        TOptions options = binder.Bind<TOptions>(configuration.GetSection($"{Section}:{name}"));
        return binder.Faults.Count == 0 ? options : throw new ConfigurationException(binder.Faults);
    }

    private static ServiceConfiguration Bind(
        IConfiguration configuration,
        IReadOnlyDictionary<string, string> origins,
        IReadOnlyList<PublisherRegistration> publishers,
        bool isComponent,
        IReadOnlyList<ConfigurationFault> ifNoStream)
    {
        var binder = new OptionsBinder(publishers);
        EdgeInferenceOptions options = binder.Bind<EdgeInferenceOptions>(configuration.GetSection(Section));
        List<ConfigurationFault> faults = [.. binder.Faults.Select(NameAsWritten)];
        if (options.Streams.Count == 0)
            faults.AddRange(ifNoStream);
        faults.AddRange(ThingName.FindFaults(configuration.GetSection(Section)).Select(NameAsWritten));
        if (!isComponent)
            faults.AddRange(FindMissingNucleus(options).Select(NameAsWritten));
        NameStreams(options.Streams, faults);
        if (faults.Count > 0)
            throw new ConfigurationException(faults);

        // The binder makes one of each child, in this order.
        IEnumerable<ConfiguredStream> streams = options.Streams.Zip(
            configuration.GetSection(StreamsSection).GetChildren(),
            (stream, section) => new ConfiguredStream(stream, Flatten(section)) { IsFirst = stream == options.Streams[0] });
        return new ServiceConfiguration(options, [.. streams], [])
        {
            Shared = Flatten(configuration).Where(static entry => !entry.Key.StartsWith(StreamsSection + ":", StringComparison.OrdinalIgnoreCase)).ToDictionary(StringComparer.OrdinalIgnoreCase),
        };

        ConfigurationFault NameAsWritten(ConfigurationFault fault) =>
            origins.TryGetValue(fault.Key, out string? origin) ? fault with { Key = origin } : fault;
    }

    /// <summary>The name of a stream for which none is configured, by its place in the list from 0.</summary>
    internal static string DefaultStreamName(int index) => $"stream{index + 1}";

    /// <summary>The keys that are set otherwise, or only in one of the two.</summary>
    internal static IReadOnlyList<string> ChangedKeys(IReadOnlyDictionary<string, string> ones, IReadOnlyDictionary<string, string> others) =>
    [
        .. ones.Keys.Union(others.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => ones.GetValueOrDefault(key) != others.GetValueOrDefault(key))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>All values below a section, by the key below it.</summary>
    private static Dictionary<string, string> Flatten(IConfiguration section) => section.AsEnumerable(makePathsRelative: true)
        .Where(static entry => !string.IsNullOrWhiteSpace(entry.Value))
        .ToDictionary(static entry => entry.Key, static entry => entry.Value!, StringComparer.OrdinalIgnoreCase);

    private static ConfigurationFault NoStreamIn(IReadOnlyList<string> files)
    {
        string places = string.Join(", ", files.Select(static file => File.Exists(file) ? file : $"{file} (not there)"));
        return new ConfigurationFault(StreamsSection, $"no stream is configured{(places.Length == 0 ? "" : $" in {places}")}: add one to {StreamsSection}, or set PARAM_MODEL_XML and PARAM_INPUT_SOURCE");
    }

    /// <summary>Sections of a file that nobody reads: one of them may be ours, misspelt.</summary>
    private static IEnumerable<ConfigurationFault> FindUnknownSections(IConfiguration file) => file.GetChildren()
        .Where(static section => !s_sections.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
        .Select(static section => new ConfigurationFault(section.Key, $"unknown section, which has no effect; known: {string.Join(", ", s_sections)}"));

    private static IEnumerable<ConfigurationFault> FindMissingNucleus(EdgeInferenceOptions options)
    {
        if (options.Commands.Topic is not null && string.IsNullOrEmpty(options.Mqtt.Host))
            yield return new ConfigurationFault($"{Section}:{nameof(options.Commands)}:{nameof(options.Commands.Topic)}", $"needs a broker (EdgeInference:Mqtt:Host, in the environment EdgeInference__Mqtt__Host), or the service to run as a Greengrass component: {GreengrassServices.Missing}");
        List<StreamOptions> streams = options.Streams;
        for (int i = 0; i < streams.Count; i++)
        {
            foreach ((string name, PublisherOptions publisher) in streams[i].Publishers)
            {
                if (publisher is GreengrassPublisherOptions { Enabled: true })
                    yield return new ConfigurationFault($"{StreamsSection}:{i}:{nameof(StreamOptions.Publishers)}:{name}:{nameof(publisher.Enabled)}", $"needs the service to run as a Greengrass component: {GreengrassServices.Missing}");
            }
        }
    }

    private static void NameStreams(List<StreamOptions> streams, List<ConfigurationFault> faults)
    {
        for (int i = 0; i < streams.Count; i++)
        {
            streams[i].Name ??= DefaultStreamName(i);
            if (streams.Take(i).Any(other => string.Equals(other.Name, streams[i].Name, StringComparison.OrdinalIgnoreCase)))
                faults.Add(new ConfigurationFault($"{StreamsSection}:{i}:Name", $"'{streams[i].Name}' is the name of another stream"));
        }
    }

    /// <summary>The one place where the names of credentials become paths.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> FindFiles(IConfiguration configuration, Credentials credentials) => s_files
        .Where(key => configuration[key] is not null)
        .Select(key => KeyValuePair.Create(key, credentials.Find(configuration[key])));

    /// <summary>Faults repeat what is not allowed, but not where it is a credential.</summary>
    private static ServiceConfiguration WithoutSecrets(Dictionary<string, string?> secrets, Func<ServiceConfiguration> bind)
    {
        try
        {
            return bind();
        }
        catch (ConfigurationException exception)
        {
            throw new ConfigurationException([.. exception.Faults.Select(Hide)]);
        }

        ConfigurationFault Hide(ConfigurationFault fault) => secrets.GetValueOrDefault(fault.Key) is { Length: > 0 } secret
            ? fault with { Message = fault.Message.Replace(secret, "(the credential)", StringComparison.Ordinal) }
            : fault;
    }

    private static IEnumerable<KeyValuePair<string, string?>> Variables(IDictionary environment) =>
        environment.Cast<DictionaryEntry>().Select(static entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value));

    /// <summary>The keys of variables that are named like EdgeInference__Mqtt__Host.</summary>
    private static Dictionary<string, string?> KeysOf(IEnumerable<KeyValuePair<string, string?>> variables) => variables
        .Where(static variable => variable.Key.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
        .ToDictionary(
            static variable => variable.Key.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal),
            static variable => variable.Value,
            StringComparer.OrdinalIgnoreCase);
}
