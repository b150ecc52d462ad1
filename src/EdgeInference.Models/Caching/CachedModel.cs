using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Caching;

/// <summary>A model apart from its optimised graph: all that reading and translating its file would give.</summary>
/// <param name="Name">The network's name.</param>
/// <param name="Format">The file's format, for people.</param>
/// <param name="Inputs">The model's inputs.</param>
/// <param name="GraphOutputs">The outputs of the graph.</param>
/// <param name="Stage">How the model's outputs are made from them; null where they are the same.</param>
internal sealed record CachedModel(
    string Name, string Format, IReadOnlyList<TensorInfo> Inputs, IReadOnlyList<TensorInfo> GraphOutputs, StageDescription? Stage = null)
{
    public static CachedModel Of(InferenceModel model)
    {
        var stage = (DetectionStage?)model.OutputStage;
        return new CachedModel(model.Name, model.Format, model.Inputs, stage?.EngineOutputs ?? model.Outputs, stage?.Description);
    }

    /// <exception cref="LayerException">The description does not fit itself.</exception>
    public InferenceModel ToModel(string path, ReadOnlyMemory<byte> optimized)
    {
        DetectionStage? stage = Stage is null ? null : DetectionStage.Restore(Stage, GraphOutputs);
        return new InferenceModel
        {
            Name = Name,
            Path = path,
            Format = Format,
            Onnx = optimized,
            IsOptimized = true,
            Inputs = Inputs,
            Outputs = stage?.Outputs ?? GraphOutputs,
            OutputStage = stage,
            DetectionOutputs = stage?.Detections ?? [],
        };
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CacheJson.Default.CachedModel);

    /// <exception cref="JsonException">The text describes no model.</exception>
    public static CachedModel FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, CacheJson.Default.CachedModel) ?? throw new JsonException("null");
}

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CachedModel))]
internal sealed partial class CacheJson : JsonSerializerContext;
