using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Ssd;

/// <summary>
/// Computes the DetectionOutput layers of a model from what the engine computes, and hands on its other outputs. Also
/// serves models with an output that is an input under the same name, which an ONNX graph cannot have.
/// </summary>
internal sealed class DetectionStage : IOutputStage
{
    private readonly Step[] _steps;

    private DetectionStage(StageDescription description, Step[] steps)
    {
        Description = description;
        _steps = steps;
    }

    /// <summary>What <see cref="Restore"/> makes this stage from.</summary>
    public StageDescription Description { get; }

    /// <summary>The model's outputs.</summary>
    public IReadOnlyList<TensorInfo> Outputs => [.. _steps.Select(static step => step.Output)];

    /// <summary>The outputs that hold detections, by index.</summary>
    public IReadOnlyList<int> Detections =>
        [.. Enumerable.Range(0, _steps.Length).Where(i => _steps[i].Decoder is not null)];

    /// <summary>Cuts the DetectionOutput layers off a graph, which then has their operands as outputs instead.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="constantsToo">Whether operands that are constants become outputs too, rather than being kept here.</param>
    /// <returns>Null when the graph can stay as it is.</returns>
    /// <exception cref="LayerException">The output of such a layer feeds another layer.</exception>
    public static DetectionStage? CutOff(Graph graph, bool constantsToo = false)
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
        var names = new Dictionary<Value, string>();
        var description = new StageDescription([.. modelOutputs.Select(output => output.Value.Producer is DetectionNode detection
            ? new StageOutput(output.Name, [.. detection.Inputs.Select(input => Operand(input!, input!.Name))], detection.Layer)
            : new StageOutput(output.Name, [Operand(output.Value, output.Name)]))]);
        return Restore(description, [.. graph.Outputs.Select(static o => new TensorInfo(o.Name, o.Value.ElementType, o.Value.Shape))]);

        StageOperand Operand(Value value, string name)
        {
            if (value.Constant is { } constant && !constantsToo)
                return new StageOperand(Constant: new StageConstant(constant.ElementType, constant.Shape, constant.Data));
            if (!names.TryGetValue(value, out string? known))
            {
                while (graph.HasInput(name))
                    name += "/output";
                graph.AddOutput(name, value);
                names.Add(value, known = graph.Outputs[^1].Name);
            }

            return new StageOperand(known);
        }
    }

    /// <summary>Makes a stage of its description.</summary>
    /// <param name="description">What it is to do; any text that has been read may be in it.</param>
    /// <param name="engineOutputs">The outputs of the graph in their order.</param>
    /// <exception cref="LayerException">The description does not fit the graph.</exception>
    public static DetectionStage Restore(StageDescription description, IReadOnlyList<TensorInfo> engineOutputs)
    {
        if (description.Outputs.Select(static output => output?.Name).Distinct(StringComparer.Ordinal).Count() < description.Outputs.Count)
            throw new LayerException("two outputs of the output stage have the same name");
        return new DetectionStage(description, [.. description.Outputs.Select(output => output is { DetectionOutput: { } layer }
            ? DetectionStep(output, layer, [.. output.Operands.Select(Operand)])
            : new Step(output is { Operands: [var only] } ? Operand(only) : throw new LayerException("an output of the stage is not made from one operand"), output.Name))]);

        Operand Operand(StageOperand? operand)
        {
            if (operand?.Constant is { } constant)
                return new Operand(-1, new Value("", constant.ElementType, [.. constant.Shape]) { Constant = constant.ToConstant() });
            for (int i = 0; i < engineOutputs.Count; i++)
            {
                if (engineOutputs[i].Name == operand?.Output)
                    return new Operand(i, new Value(engineOutputs[i].Name, engineOutputs[i].ElementType, [.. engineOutputs[i].Shape]));
            }

            throw new LayerException($"the graph has no output '{operand?.Output}', which the output stage needs");
        }
    }

    public Tensor[] CreateOutputs() => [.. _steps.Select(static step =>
        new Tensor(step.Output.ElementType, [.. step.Output.Shape.Select(static d => Math.Max(d, 1))]))];

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
            else if (step.Operands[0].Value.Constant is { } constant)
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

    private static Step DetectionStep(StageOutput output, DetectionLayer layer, Operand[] operands)
    {
        try
        {
            DetectionOptions options = DetectionOutput.ReadOptions(LayerSource.Of(layer, output.Name, [.. operands.Select(static operand => operand.Value)]));
            return new Step(new TensorInfo(output.Name, TensorElementType.Float32, [1, 1, options.Rows, DetectionDecoder.RowLength]), new DetectionDecoder(options), operands);
        }
        catch (Exception exception) when (exception is LayerException or OverflowException)
        {
            throw new LayerException($"output '{output.Name}' (DetectionOutput): {(exception is OverflowException ? "its sizes are beyond any real model" : exception.Message)}");
        }
    }

    private static ReadOnlySpan<float> Floats(Operand operand, IReadOnlyList<Tensor> engineOutputs) =>
        operand.Value.Constant is { } constant ? MemoryMarshal.Cast<byte, float>(constant.Data.Span) : engineOutputs[operand.Index].Elements<float>();

    /// <summary>An output of the engine by its index, or a constant.</summary>
    private sealed record Operand(int Index, Value Value);

    /// <summary>How one output is made: decoded from three operands, or one operand as it is.</summary>
    private sealed record Step(TensorInfo Output, DetectionDecoder? Decoder, Operand[] Operands)
    {
        public Step(Operand operand, string name)
            : this(new TensorInfo(name, operand.Value.ElementType, operand.Value.Shape), null, [operand])
        {
        }
    }
}
