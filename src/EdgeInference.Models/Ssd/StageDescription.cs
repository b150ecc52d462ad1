using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>How a model's outputs are made from those of its graph, in a form that can be kept in a file with the graph.</summary>
/// <param name="Outputs">The model's outputs in their order.</param>
internal sealed record StageDescription(IReadOnlyList<StageOutput> Outputs)
{
    public string ToJson() => JsonSerializer.Serialize(this, StageJson.Default.StageDescription);

    /// <exception cref="JsonException">The text describes no stage.</exception>
    public static StageDescription FromJson(string json) =>
        JsonSerializer.Deserialize(json, StageJson.Default.StageDescription) ?? throw new JsonException("null");
}

/// <summary>An output of the model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Operands">What it is made from.</param>
/// <param name="DetectionOutput">The layer that makes it; null where it is its only operand as it is.</param>
/// <param name="Shape">What the layer's rows are reshaped to, one size of which may be open; null for the layer's own shape.</param>
/// <param name="Types">What the layer's rows are converted to, one after another; null for nothing.</param>
/// <param name="Repeats">An earlier output of the same layer whose elements this one has too; its own shape may be another.</param>
internal sealed record StageOutput(
    string Name,
    IReadOnlyList<StageOperand> Operands,
    DetectionLayer? DetectionOutput = null,
    IReadOnlyList<long>? Shape = null,
    IReadOnlyList<TensorElementType>? Types = null,
    string? Repeats = null);

/// <summary>One of the two: an output of the graph by its name, or a constant.</summary>
internal sealed record StageOperand(string? Output = null, StageConstant? Constant = null);

/// <summary>A tensor known at load.</summary>
internal sealed record StageConstant(TensorElementType ElementType, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data)
{
    /// <exception cref="LayerException">The data are not those of the shape.</exception>
    public Constant ToConstant() =>
        Shape.All(d => d >= 0 && d <= Math.Max(Data.Length, 1)) && Data.Length == Shapes.Count(Shape) * ElementType.Size()
            ? new Constant(ElementType, [.. Shape], Data)
            : throw new LayerException($"{Data.Length} bytes do not fit the shape {Shapes.Describe(Shape)} of {ElementType}");
}

/// <summary>A DetectionOutput layer as an IR has it.</summary>
/// <param name="IrVersion">The version of the IR.</param>
/// <param name="Version">The opset: "opset1"; empty in legacy files.</param>
/// <param name="Attributes">The layer's attributes.</param>
internal sealed record DetectionLayer(int IrVersion, string Version, IReadOnlyDictionary<string, string> Attributes);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StageDescription))]
internal sealed partial class StageJson : JsonSerializerContext;
