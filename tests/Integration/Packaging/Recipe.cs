using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace EdgeInference.Integration.Tests.Packaging;

/// <summary>A recipe of a Greengrass component, read and filled in as nucleus Lite does, the stricter one: no variable may be unknown.</summary>
internal sealed partial class Recipe
{
    private readonly YamlMappingNode _root;

    private Recipe(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        _root = (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    /// <summary>How many keys and values there are, as Lite counts them.</summary>
    public int Size => Count(_root);

    public string Name => _root["ComponentName"].ToString();

    public string Version => _root["ComponentVersion"].ToString();

    public IReadOnlyDictionary<string, string> Platform => Scalars(Manifest["Platform"]);

    public IReadOnlyDictionary<string, string> Environment => Scalars(Manifest["Lifecycle"]["Setenv"]);

    /// <summary>The values of the configuration that are text.</summary>
    public IReadOnlyDictionary<string, string> Configuration => Scalars(_root["ComponentConfiguration"]["DefaultConfiguration"]);

    public string ArtifactUri => Assert.Single((YamlSequenceNode)Manifest["Artifacts"])["Uri"].ToString();

    private YamlNode Manifest => Assert.Single((YamlSequenceNode)_root["Manifests"]);

    public static Recipe Read(string path) => new(File.ReadAllText(path));

    /// <summary>The topic filters for which an operation is allowed.</summary>
    public IReadOnlyList<string> Resources(string operation) =>
    [
        .. ((YamlMappingNode)_root["ComponentConfiguration"]["DefaultConfiguration"]["accessControl"]["aws.greengrass.ipc.mqttproxy"]).Children.Values
            .Where(policy => ((YamlSequenceNode)policy["operations"]).Any(allowed => allowed.ToString() == operation))
            .SelectMany(static policy => (YamlSequenceNode)policy["resources"])
            .Select(static resource => resource.ToString()),
    ];

    /// <summary>The shell script of a phase, with the environment exported and values in the places of variables such as {work:path}.</summary>
    public string Script(string phase, IReadOnlyDictionary<string, string> variables)
    {
        IEnumerable<string> exports = Environment.Select(entry => $"export {entry.Key}='{Fill(entry.Value, variables, InSingleQuotes)}'\n");
        return string.Concat(exports) + Fill(Manifest["Lifecycle"][phase]["Script"].ToString(), variables, InDoubleQuotes);
    }

    private static string Fill(string text, IReadOnlyDictionary<string, string> variables, Func<string, string> quote) =>
        Variable().Replace(text, match => quote(variables[match.Groups["name"].Value]));

    private static string InSingleQuotes(string value) => value.Replace("'", "'\\''", StringComparison.Ordinal);

    private static string InDoubleQuotes(string value) => Special().Replace(value, @"\$0");

    private static int Count(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.Sum(static entry => 2 + Count(entry.Value)),
        YamlSequenceNode list => list.Sum(static element => 1 + Count(element)),
        _ => 0,
    };

    private static Dictionary<string, string> Scalars(YamlNode map) => ((YamlMappingNode)map).Children
        .Where(static entry => entry.Value is YamlScalarNode)
        .ToDictionary(static entry => entry.Key.ToString(), static entry => entry.Value.ToString(), StringComparer.Ordinal);

    [GeneratedRegex("{(?<name>[^}]*)}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();

    [GeneratedRegex("[\"\\\\$`]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Special();
}
