using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>
/// Computes the DetectionOutput layers of a model from what the engine computes, and hands on its other outputs. Also
/// serves models with an output that is an input under the same name, which an ONNX graph cannot have.
/// </summary>
internal sealed class DetectionStage : IOutputStage
{
    private readonly TensorInfo[] _outputs;
    private readonly Step[] _steps;

    private DetectionStage(TensorInfo[] outputs, Step[] steps)
    {
        _outputs = outputs;
        _steps = steps;
    }

    /// <summary>Cuts the DetectionOutput layers off a graph, which then has their operands as outputs instead.</summary>
    /// <returns>Null when the graph can stay as it is.</returns>
    /// <exception cref="LayerException">The output of such a layer feeds another layer.</exception>
    public static DetectionStage? CutOff(Graph graph)
    {
        DetectionNode[] detections = [.. graph.Nodes.OfType<DetectionNode>()];
        if (detections.Length == 0 && !graph.Outputs.Exists(output => graph.HasInput(output.Name)))
            return null;
        foreach (DetectionNode detection in detections)
        {
            if (graph.Nodes.Any(node => node.Inputs.Contains(detection.Output)))
                throw new LayerException($"detections of '{detection.Output.Name}' (DetectionOutput) feed another layer, which is not supported");
        }

        GraphOutput[] modelOutputs = [.. graph.Outputs];
        graph.Outputs.Clear();
        graph.Nodes.RemoveAll(static node => node is DetectionNode);
        var engineOutputs = new Dictionary<Value, int>();
        Step[] steps = [.. modelOutputs.Select(output => output.Value.Producer is DetectionNode detection
            ? new Step(new DetectionDecoder(detection.Options), [.. detection.Inputs.Select(input => Source(input!, input!.Name))])
            : new Step(null, [Source(output.Value, output.Name)]))];
        return new DetectionStage([.. modelOutputs.Select(static o => new TensorInfo(o.Name, o.Value.ElementType, o.Value.Shape))], steps);

        Operand Source(Value value, string name)
        {
            if (value.Constant is { } constant)
                return new Operand(-1, constant);
            if (!engineOutputs.TryGetValue(value, out int index))
            {
                index = engineOutputs.Count;
                engineOutputs.Add(value, index);
                while (graph.HasInput(name))
                    name += "/output";
                graph.AddOutput(name, value);
            }

            return new Operand(index, null);
        }
    }

    /// <summary>The outputs that hold detections, by index.</summary>
    public IReadOnlyList<int> Detections =>
        [.. Enumerable.Range(0, _steps.Length).Where(i => _steps[i].Decoder is not null)];

    public Tensor[] CreateOutputs() => [.. _outputs.Select(static info =>
        new Tensor(info.ElementType, [.. info.Shape.Select(static d => Math.Max(d, 1))]))];

    public void Run(IReadOnlyList<Tensor> engineOutputs, IReadOnlyList<Tensor> modelOutputs)
    {
        for (int i = 0; i < _steps.Length; i++)
        {
            Step step = _steps[i];
            if (step.Decoder is { } decoder)
            {
                decoder.Run(
                    Floats(step.Operands[0], engineOutputs),
                    Floats(step.Operands[1], engineOutputs),
                    Floats(step.Operands[2], engineOutputs),
                    modelOutputs[i].Elements<float>());
            }
            else if (step.Operands[0].Constant is { } constant)
            {
                constant.Data.Span.CopyTo(modelOutputs[i].Bytes);
            }
            else
            {
                Tensor source = engineOutputs[step.Operands[0].Index];
                modelOutputs[i].Resize(source.Shape);
                source.Bytes.CopyTo(modelOutputs[i].Bytes);
            }
        }
    }

    private static ReadOnlySpan<float> Floats(Operand operand, IReadOnlyList<Tensor> engineOutputs) =>
        operand.Constant is { } constant ? MemoryMarshal.Cast<byte, float>(constant.Data.Span) : engineOutputs[operand.Index].Elements<float>();

    /// <summary>An output of the engine by its index, or a constant.</summary>
    private sealed record Operand(int Index, Constant? Constant);

    /// <summary>How one output is made: decoded from three operands, or one operand as it is.</summary>
    private sealed record Step(DetectionDecoder? Decoder, Operand[] Operands);
}
