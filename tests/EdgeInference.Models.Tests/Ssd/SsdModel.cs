using System.Globalization;

namespace EdgeInference.Models.Tests.Ssd;

/// <summary>An IR v11 of a DetectionOutput layer of two priors and two classes on three inputs, and what a test puts behind it.</summary>
internal sealed class SsdModel : IDisposable
{
    private const string Attributes = """background_label_id="0" top_k="-1" nms_threshold="0.5" keep_top_k="2" code_type="caffe.PriorBoxParameter.CORNER" normalized="true" """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-");
    private readonly List<string> _layers = [];
    private readonly List<string> _edges = [];
    private readonly Dictionary<string, (int Id, int Port, long[] Shape, string Type)> _ports = new(StringComparer.Ordinal);

    public SsdModel(long batch = 1)
    {
        Add("locations", "Parameter", $"""shape="{batch},8" element_type="f32" """, [], [batch, 8]);
        Add("scores", "Parameter", $"""shape="{batch},4" element_type="f32" """, [], [batch, 4]);
        Add("priors", "Parameter", "shape=\"1,2,8\" element_type=\"f32\"", [], [1, 2, 8]);
    }

    /// <summary>The model so far, written to a file.</summary>
    public string Xml
    {
        get
        {
            string path = Path.Combine(_folder.FullName, "ssd.xml");
            File.WriteAllText(path, $"<net name=\"ssd\" version=\"11\"><layers>{string.Concat(_layers)}</layers><edges>{string.Concat(_edges)}</edges></net>");
            File.WriteAllBytes(Path.ChangeExtension(path, ".bin"), []);
            return path;
        }
    }

    public SsdModel Detect(string name, string more = "", params string[] inputs) =>
        Add(name, "DetectionOutput", Attributes + more, inputs.Length > 0 ? inputs : ["locations", "scores", "priors"], [1, 1, _ports["locations"].Shape[0] < 0 ? -1 : _ports["locations"].Shape[0] * 2, 7], version: "opset8");

    public SsdModel Result(string input) => Add($"result{_layers.Count}", "Result", "", [input], null);

    /// <summary>Adds any layer.</summary>
    public SsdModel Add(string name, string type, string data, string[] inputs, long[]? output, string element = "FP32", string version = "opset1")
    {
        int id = _layers.Count;
        var ports = new List<string>();
        for (int i = 0; i < inputs.Length; i++)
        {
            (int from, int fromPort, long[] shape, string elementType) = _ports[inputs[i]];
            ports.Add(Port(i, elementType, shape, ""));
            _edges.Add(Text($"<edge from-layer=\"{from}\" from-port=\"{fromPort}\" to-layer=\"{id}\" to-port=\"{i}\"/>"));
        }

        string made = "";
        if (output is not null)
        {
            _ports.Add(name, (id, inputs.Length, output, element));
            made = $"<output>{Port(inputs.Length, element, output, name)}</output>";
        }

        string taken = inputs.Length > 0 ? $"<input>{string.Concat(ports)}</input>" : "";
        _layers.Add(Text($"<layer id=\"{id}\" name=\"{name}\" type=\"{type}\" version=\"{version}\"><data {data}/>{taken}{made}</layer>"));
        return this;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Port(int id, string element, long[] shape, string name) =>
        Text($"<port id=\"{id}\" precision=\"{element}\" names=\"{name}\">{string.Concat(shape.Select(static d => Text($"<dim>{d}</dim>")))}</port>");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
