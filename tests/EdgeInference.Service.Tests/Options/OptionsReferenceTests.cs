using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Publishing.Outbox;
using EdgeInference.Service.Commands;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Options;
using EdgeInference.TestSupport;

namespace EdgeInference.Service.Tests.Options;

/// <summary>docs/options.md is made from the options classes: their defaults, limits and XML docs.</summary>
public sealed partial class OptionsReferenceTests
{
    private const string Document = "docs/options.md";

    private readonly StringBuilder _markdown = new();
    private readonly Dictionary<string, string> _summaries = ReadSummaries();

    [Fact]
    public void OptionsReference_Document_IsMadeFromTheCode()
    {
        string expected = Render();
        string path = TestData.InRepository(Document);
        if (Environment.GetEnvironmentVariable("EDGEINFERENCE_WRITE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path), $"{Document} is missing: ./dev docs writes it.");
        Assert.True(expected == File.ReadAllText(path), $"{Document} is out of date: ./dev docs writes it.");
    }

    private string Render()
    {
        _markdown.Append(
            """
            # Options

            Made from the code by `./dev docs`. Keys stand in `appsettings.json` under `EdgeInference:Streams:<n>`; the same key in the
            environment is `EdgeInference__Streams__<n>__…`, with `__` for each `:`. Where a key is set in several places, the later of these
            wins: the file, the samples' `PARAM_` variables, a credential (a file of that name in `$CREDENTIALS_DIRECTORY`), the environment.
            `edge-inference check` looks at all of it without running.

            | what | how it is written |
            |---|---|
            | a duration | `"500ms"`, `"10s"`, `"5m"`, `"1h"`; a number of seconds, such as `0.5`; or `"hh:mm:ss"`, as the tables show it, with days before a point (`"1.00:00:00"`) |
            | a size | a number, in the unit that the key or its text names: `LimitMegabytes`, `MaxMessageBytes` |
            | a list | a JSON list, `[1, 3, 300, 300]`, or one text with commas, `"1,3,300,300"` |
            | true or false | also `yes` and `no`, `on` and `off`, `1` and `0` |
            | nothing | an empty value is as good as none: the default holds |

            Keys and names such as `Latency` are read in any case; units are written as here, and `PARAM_` variables in capitals.


            """);
        AppendSection("Streams:<n>", typeof(StreamOptions));
        foreach (PublisherRegistration publisher in BuiltInPublishers.All)
            AppendSection($"Publishers:{publisher.Name}", publisher.OptionsType);

        AppendShared("Mqtt", typeof(MqttOptions));
        AppendShared("Greengrass", typeof(GreengrassOptions));
        AppendShared("Commands", typeof(CommandOptions));
        AppendShared("Outbox", typeof(OutboxOptions));
        AppendShared("OpenVino", typeof(OpenVinoOptions));
        AppendShared("Cache", typeof(CacheOptions));
        _markdown.Append(
            """
            ## Variables of the Greengrass samples

            They set options of the first stream, and win over the file.

            | variable | option |
            |---|---|

            """);
        foreach ((string variable, string key) in ParamVariables.Keys)
            _markdown.Append(CultureInfo.InvariantCulture, $"| `{ParamVariables.Prefix}{variable}` | `{key}` |\n");
        _markdown.Append(CultureInfo.InvariantCulture, $"\nIn a Greengrass component `{ParamVariables.Prefix}{ParamVariables.IotCloudOutput}` sets `{ParamVariables.IotCloudOutputOfComponent}`.\n");
        _markdown.Append(CultureInfo.InvariantCulture, $"\n`PARAM_CPU_EXTENSION_PATH` sets `Model:CpuExtension`, but where that is of no use it is ignored with a warning.\n");
        return _markdown.ToString();
    }

    private void AppendShared(string title, Type type)
    {
        AppendSection(title, type);
        _markdown.Append(CultureInfo.InvariantCulture, $"It stands in `appsettings.json` under `EdgeInference:{title}`: one for all streams.\n\n");
    }

    private void AppendSection(string title, Type type)
    {
        object defaults = Activator.CreateInstance(type)!;
        // Tokens tell the order within one assembly only, and a base type may be of another.
        PropertyInfo[] properties =
        [
            .. type.GetProperties().Where(static property => property.CanWrite)
                .OrderBy(property => property.DeclaringType != type)
                .ThenBy(static property => property.MetadataToken),
        ];
        _markdown.Append(CultureInfo.InvariantCulture, $"## {title}\n\n{Summary($"T:{type.FullName}")}\n\n| key | default | allowed | effect |\n|---|---|---|---|\n");
        foreach (PropertyInfo property in properties.Where(static property => IsValue(property.PropertyType)))
        {
            string summary = Summary($"P:{property.DeclaringType!.FullName}.{property.Name}");
            _markdown.Append(CultureInfo.InvariantCulture, $"| `{property.Name}` | {Default(property.GetValue(defaults))} | {Allowed(property)} | {summary} |\n");
        }

        _markdown.Append('\n');
        foreach (PropertyInfo property in properties.Where(static property => !IsValue(property.PropertyType) && !property.PropertyType.IsInterface))
            AppendSection(property.Name, property.PropertyType);
    }

    private string Summary(string member)
    {
        Assert.True(_summaries.TryGetValue(member, out string? summary), $"{member} has no XML documentation.");
        return summary;
    }

    private static bool IsValue(Type type) => OptionValue.IsScalar(type) || type.IsArray;

    private static string Default(object? value) => value switch
    {
        null or "" or Array { Length: 0 } => "",
        bool flag => flag ? "`true`" : "`false`",
        Array array => $"`{string.Join(", ", array.Cast<object>())}`",
        IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => $"`{value}`",
    };

    private static string Allowed(PropertyInfo property)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            return string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}");
        Type type = property.PropertyType;
        return type.IsArray ? $"list, each {OptionValue.Allowed(type.GetElementType()!)}" : OptionValue.Allowed(type);
    }

    /// <summary>The summaries of the XML files that the compiler writes beside our assemblies.</summary>
    private static Dictionary<string, string> ReadSummaries() => Directory
        .GetFiles(AppContext.BaseDirectory, "*.xml")
        .SelectMany(static path => XDocument.Load(path).Descendants("member"))
        .Where(static member => member.Element("summary") is not null)
        .DistinctBy(static member => member.Attribute("name")!.Value)
        .ToDictionary(static member => member.Attribute("name")!.Value, static member => Text(member.Element("summary")!), StringComparer.Ordinal);

    private static string Text(XElement summary)
    {
        foreach (XElement reference in summary.Descendants().Where(static element => element.Attribute("cref") is not null).ToList())
            reference.ReplaceWith(reference.Attribute("cref")!.Value.Split('.')[^1]);
        return Whitespace().Replace(summary.Value, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Whitespace();
}
