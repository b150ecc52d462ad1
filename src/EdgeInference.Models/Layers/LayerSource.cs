using System.Globalization;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Layers;

/// <summary>A layer of the file as its <see cref="Layer"/> sees it: operands, attributes, weights, declared shapes.</summary>
internal sealed class LayerSource(ConnectedLayer layer, IReadOnlyList<Value> inputs, IrWeights weights)
{
    private static readonly char[] Separators = [',', ' ', '\t', '\n', '\r'];

    public string Name => layer.Layer.Name;

    public string Type => layer.Layer.Type;

    /// <summary>"opset8"; empty in legacy files.</summary>
    public string Version => layer.Layer.Version;

    public IReadOnlyDictionary<string, string> Attributes => layer.Layer.Attributes.ToDictionary();

    /// <summary>The number in "opset8"; 0 in legacy files.</summary>
    public int Opset =>
        Version.StartsWith("opset", StringComparison.Ordinal)
        && int.TryParse(Version.AsSpan("opset".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : 0;

    /// <summary>The version of the file's format, from 2 to 11.</summary>
    public required int IrVersion { get; init; }

    /// <inheritdoc cref="ModelFileOptions.FloatInterface"/>
    public bool FloatInterface { get; init; }

    public IReadOnlyList<Value> Inputs { get; } = inputs;

    public IReadOnlyList<IrPort> Outputs => layer.Layer.Outputs;

    /// <summary>The element type of a legacy layer's weights.</summary>
    public string Precision => layer.Layer.Precision;

    /// <summary>A layer that was kept without the rest of its file; only its inputs, version and attributes can be read.</summary>
    public static LayerSource Of(DetectionLayer layer, string name, IReadOnlyList<Value> inputs)
    {
        var described = new IrLayer
        {
            Id = 0,
            Name = name,
            Type = "DetectionOutput",
            Version = layer.Version,
            Precision = "",
            Attributes = new IrAttributes([.. layer.Attributes]),
            Blobs = new Dictionary<string, IrBlob>(StringComparer.Ordinal),
            Inputs = [],
            Outputs = [],
        };
        return new LayerSource(new ConnectedLayer(described, []), inputs, new IrWeights("", LoadBudget.ForFiles(0))) { IrVersion = layer.IrVersion };
    }

    /// <summary>The name that the file gives to the tensor at an input.</summary>
    public string InputName(int index) => Source(index).Name;

    /// <summary>The element type that the file declares for the tensor at an input; empty where it declares none.</summary>
    public string InputPrecision(int index) => Source(index).Port.Precision;

    /// <summary>The name that the file gives to an output.</summary>
    public string OutputName(int index) => Output(index).Name;

    public Value Input(int index) =>
        index < Inputs.Count ? Inputs[index] : throw new LayerException($"input {index} is missing");

    /// <summary>The whole numbers at an input that must be known at load.</summary>
    public long[] ConstantInts(int index) => KnownInput(index).ToInts();

    public Constant KnownInput(int index) =>
        Input(index).Constant ?? throw new LayerException($"input {index} ({Input(index).Name}) is not known when the model is loaded");

    /// <summary>The single number at an input that must be known at load.</summary>
    public float ConstantFloat(int index) =>
        KnownInput(index) is { Count: 1 } number ? number.ToFloats()[0] : throw new LayerException($"input {index} is not a single number");

    /// <summary>The single whole number at an input that must be known at load.</summary>
    public long ConstantInt(int index) =>
        KnownInput(index) is { Count: 1 } number ? number.ToInts()[0] : throw new LayerException($"input {index} is not a single number");

    /// <summary>The same layer read as one of another type, for types that only wrap others.</summary>
    public LayerSource As(string type) =>
        new(layer with { Layer = layer.Layer with { Type = type } }, Inputs, weights) { IrVersion = IrVersion, FloatInterface = FloatInterface };

    /// <summary>The declared shape of an output.</summary>
    public long[] DeclaredShape(int index = 0) =>
        index < Outputs.Count ? Outputs[index].Shape : throw new LayerException($"output {index} is missing");

    public bool Has(string attribute) => layer.Layer.Attributes.Contains(attribute);

    public string Text(string attribute) =>
        layer.Layer.Attributes.TryGet(attribute, out string? text) ? text : throw new LayerException($"attribute '{attribute}' is missing");

    public string Text(string attribute, string defaultValue) => Has(attribute) ? Text(attribute) : defaultValue;

    public long Int(string attribute) => ParseInt(attribute, Text(attribute));

    public long Int(string attribute, long defaultValue) => Has(attribute) ? Int(attribute) : defaultValue;

    public float Float(string attribute) => ParseFloat(attribute, Text(attribute));

    public float Float(string attribute, float defaultValue) => Has(attribute) ? Float(attribute) : defaultValue;

    /// <summary>A number of twice a float's precision, for bounds of whole numbers.</summary>
    public double Double(string attribute) => ParseDouble(attribute, Text(attribute));

    /// <summary>A truth value, written as true, false, 1 or 0.</summary>
    public bool Flag(string attribute, bool defaultValue) =>
        !Has(attribute) ? defaultValue : Text(attribute).Trim().ToUpperInvariant() switch
        {
            "1" or "TRUE" or "YES" => true,
            "0" or "FALSE" or "NO" or "" => false,
            var other => throw new LayerException($"attribute '{attribute}' is '{other}', neither true nor false"),
        };

    /// <summary>Whole numbers separated by commas.</summary>
    public long[] Ints(string attribute) => Array.ConvertAll(Split(Text(attribute)), text => ParseInt(attribute, text));

    public long[] Ints(string attribute, params long[] defaultValue) => Has(attribute) ? Ints(attribute) : defaultValue;

    /// <summary>Numbers separated by commas; none where the attribute is missing.</summary>
    public float[] Floats(string attribute) => Array.ConvertAll(Split(Text(attribute, "")), text => ParseFloat(attribute, text));

    /// <summary>The constant of a Const layer.</summary>
    public Constant Blob(IrBlob blob, string elementType, long[] shape) => weights.Read(blob, elementType, shape);

    /// <summary>A legacy layer's weights or biases as floats; null where it has none.</summary>
    public Constant? Blob(string name) =>
        layer.Layer.Blobs.TryGetValue(name, out IrBlob blob) ? weights.Read(blob, Precision) : null;

    /// <summary>A legacy layer's weights, which must have as many elements as the shape.</summary>
    public Constant Blob(string name, params long[] shape)
    {
        Constant blob = Blob(name) ?? throw new LayerException($"its {name} are missing");
        return blob.Count == Shapes.Count(shape)
            ? blob.WithShape(shape)
            : throw new LayerException($"{name} are {blob.Count} numbers, not the {Shapes.Count(shape)} of {Shapes.Describe(shape)}");
    }

    private IrSource Source(int index) =>
        index < layer.Sources.Count ? layer.Sources[index] : throw new LayerException($"input {index} is missing");

    private IrSource Output(int index) =>
        index < Outputs.Count ? new IrSource(layer.Layer, index) : throw new LayerException($"output {index} is missing");

    private static string[] Split(string list) => list.Split(Separators, StringSplitOptions.RemoveEmptyEntries);

    private static long ParseInt(string attribute, string text) =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new LayerException($"attribute '{attribute}' holds '{text}', not a whole number");

    private static float ParseFloat(string attribute, string text) => (float)ParseDouble(attribute, text);

    /// <summary>Reads numbers as C++ writes them: infinities are inf and -inf.</summary>
    private static double ParseDouble(string attribute, string text) => text.Trim().ToUpperInvariant() switch
    {
        "INF" => double.PositiveInfinity,
        "-INF" => double.NegativeInfinity,
        var number when double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) => value,
        _ => throw new LayerException($"attribute '{attribute}' holds '{text}', not a number"),
    };
}
