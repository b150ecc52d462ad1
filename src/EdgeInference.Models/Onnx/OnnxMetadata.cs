using System.Text.Json;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Onnx;

/// <summary>An output stage in the metadata of an ONNX model, so that the file alone gives the same results as the IR it was made from.</summary>
internal static class OnnxMetadata
{
    private const string StageKey = "edge_inference.output_stage";

    private static readonly string[] OperandNames = ["locations", "scores", "priors", "objectness", "refinement"];

    public static void Write(ModelProto model, StageDescription stage)
    {
        model.MetadataProps.Add(new StringStringEntryProto { Key = StageKey, Value = stage.ToJson() });
        IEnumerable<string> detections = stage.Outputs
            .Where(static output => output.DetectionOutput is not null)
            .Select(static output => $"DetectionOutput '{output.Name}' is not part of this graph: it takes the graph's outputs {string.Join(", ", output.Operands.Zip(OperandNames, static (operand, name) => $"'{operand.Output}' ({name})"))}.");
        model.DocString = string.Join('\n', detections.Append($"How the model's outputs are made from the graph's is in the metadata, under '{StageKey}'."));
    }

    /// <summary>Null where the model has no output stage.</summary>
    /// <exception cref="LayerException">What stands there describes none.</exception>
    public static StageDescription? Read(OnnxSummary model)
    {
        if (model.MetadataProps.FirstOrDefault(static entry => entry.Key == StageKey) is not { } entry)
            return null;
        try
        {
            return StageDescription.FromJson(entry.Value);
        }
        catch (JsonException)
        {
            throw new LayerException($"its metadata '{StageKey}' describe no output stage that this version knows");
        }
    }
}
