using System.Collections;
using EdgeInference.Publishing.Greengrass;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Configuration;

/// <summary>The environment variables of the Greengrass samples, mapped onto the first stream.</summary>
internal static class ParamVariables
{
    public const string Prefix = "PARAM_";

    /// <summary>Where the variables put their values.</summary>
    public const string FirstStream = "EdgeInference:Streams:0:";

    /// <summary>The way to AWS IoT Core is the nucleus where there is one, as it was for the samples.</summary>
    public const string IotCloudOutput = "ENABLE_IOT_CLOUD_OUTPUT";
    public const string IotCloudOutputOfComponent = "Publishers:Greengrass:Enabled";

    /// <summary>Variable without its prefix, to the key of the first stream.</summary>
    public static IReadOnlyDictionary<string, string> Keys { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["MODEL_XML"] = "Model:Path",
        ["INPUT_SOURCE"] = "Source:Input",
        ["DEVICE"] = "Model:Device",
        ["OUTPUT_DIRECTORY"] = "Publishers:LocalJpeg:Directory",
        ["NUM_TOP_RESULTS"] = "Classification:TopResults",
        ["LABELMAP_FILE"] = "LabelMap",
        ["TOPIC_NAME"] = "TopicName",
        ["REPORTING_INTERVAL"] = "ReportingInterval",
        [IotCloudOutput] = "Publishers:Mqtt:Enabled",
        ["ENABLE_KINESIS_OUTPUT"] = "Publishers:Kinesis:Enabled",
        ["KINESIS_STREAM_NAME"] = "Publishers:Kinesis:StreamName",
        ["KINESIS_PARTITION_KEY"] = "Publishers:Kinesis:PartitionKey",
        ["KINESIS_EXPLICIT_HASH_KEY"] = "Publishers:Kinesis:ExplicitHashKey",
        ["KINESIS_REGION"] = "Publishers:Kinesis:Region",
        ["ENABLE_S3_JPEG_OUTPUT"] = "Publishers:S3:Enabled",
        ["S3_BUCKET_NAME"] = "Publishers:S3:Bucket",
        ["ENABLE_LOCAL_JPEG_OUTPUT"] = "Publishers:LocalJpeg:Enabled",
    };

    /// <summary>The samples set a library that no longer exists: that must not keep anybody from moving over.</summary>
    public const string CpuExtension = "CPU_EXTENSION_PATH";

    /// <summary>What the variables of an environment set: configuration keys, where each came from, what is wrong, and what is ignored.</summary>
    public static ParamSettings Read(IDictionary environment)
    {
        var settings = new ParamSettings();
        bool isComponent = GreengrassServices.IsComponent(environment);
        foreach (DictionaryEntry entry in environment)
        {
            var name = (string)entry.Key;
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || entry.Value is not string { Length: > 0 } value)
                continue;

            string variable = name[Prefix.Length..];
            if (variable == IotCloudOutput && isComponent)
                settings.Add(FirstStream + IotCloudOutputOfComponent, name, value);
            else if (Keys.TryGetValue(variable, out string? key))
                settings.Add(FirstStream + key, name, value);
            else if (variable == CpuExtension)
                settings.CpuExtension = value;
            else
                settings.Warnings.Add($"{name} is unknown, and has no effect; known: {string.Join(", ", Keys.Keys.Append(CpuExtension).Select(known => Prefix + known))}");
        }

        return settings;
    }
}

/// <summary>What the PARAM_ variables set.</summary>
internal sealed class ParamSettings
{
    public Dictionary<string, string?> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Configuration key to the variable that set it.</summary>
    public Dictionary<string, string> Origins { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a stream is made of variables, rather than one of a file changed by them.</summary>
    public bool DescribeStream => Values.Keys.Any(static key => key.EndsWith(":Path", StringComparison.Ordinal) || key.EndsWith(":Input", StringComparison.Ordinal));

    /// <summary><see cref="Origins"/>, and for a stream made of variables those that could set what nobody has set.</summary>
    public IReadOnlyDictionary<string, string> OriginsIn(IConfiguration configuration)
    {
        var origins = new Dictionary<string, string>(Origins, StringComparer.OrdinalIgnoreCase);
        foreach ((string variable, string key) in DescribeStream ? ParamVariables.Keys : new Dictionary<string, string>())
        {
            if (configuration[ParamVariables.FirstStream + key] is null)
                origins.TryAdd(ParamVariables.FirstStream + key, ParamVariables.Prefix + variable);
        }

        return origins;
    }

    public List<string> Warnings { get; } = [];

    /// <summary>The library that PARAM_CPU_EXTENSION_PATH names, to be ignored where it is of no use; null for none.</summary>
    public string? CpuExtension { get; set; }

    public void Add(string key, string variable, string value)
    {
        Values[key] = value;
        Origins[key] = variable;
    }
}
