using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>The values of a graph that are detections, as DetectionOutput gives them or in another shape or type.</summary>
internal sealed class DetectionResults
{
    private readonly Dictionary<Value, DetectionResult> _results = [];

    /// <summary>Takes the DetectionOutput layers, and what changes the shape and type of their results, out of a graph.</summary>
    /// <exception cref="LayerException">The result of such a layer feeds one that calculates.</exception>
    public static DetectionResults TakeFrom(Graph graph)
    {
        var results = new DetectionResults();
        graph.Nodes.RemoveAll(results.Take);
        return results;
    }

    public DetectionResult? Find(Value value) => _results.GetValueOrDefault(value);

    private bool Take(Node node)
    {
        if (node is DetectionNode detection)
        {
            _results.Add(node.Output, new DetectionResult(detection, []));
            return true;
        }

        if (node.Inputs.OfType<Value>().FirstOrDefault(_results.ContainsKey) is not { } input)
            return false;
        DetectionResult result = _results[input];
        bool isSame = node.Operation is "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten" or "Identity" or "Cast" && node.Inputs[0] == input;
        if (!isSame)
            throw new LayerException($"detections of '{result.Node.Output.Name}' (DetectionOutput) feed '{node.Output.Name}' ({node.Operation}); only layers that change their shape or type can follow");
        if (node.Output.Shape.Count(static size => size < 0) > 1)
            throw new LayerException($"the shape of '{node.Output.Name}' is not known when the model is loaded; give the model's inputs whole shapes");
        _results.Add(node.Output, node.Operation is "Cast" ? result with { Types = [.. result.Types, node.Output.ElementType] } : result);
        return true;
    }
}

/// <summary>Detections and the types that they are converted to, one after another.</summary>
internal sealed record DetectionResult(DetectionNode Node, TensorElementType[] Types);
