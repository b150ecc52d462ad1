using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>
/// Computes the DetectionOutput layers of a model from what the engine computes, and hands on its other outputs. Also
/// serves models with an output that is an input under the same name, which an ONNX graph cannot have.
/// </summary>
internal sealed class DetectionStage : IOutputStage
{
    private readonly StageStep[] _steps;

    private DetectionStage(StageDescription description, IReadOnlyList<TensorInfo> engineOutputs, StageStep[] steps)
    {
        Description = description;
        EngineOutputs = engineOutputs;
        _steps = steps;
    }

    /// <summary>What <see cref="Restore"/> makes this stage from.</summary>
    public StageDescription Description { get; }

    public IReadOnlyList<TensorInfo> EngineOutputs { get; }

    /// <summary>The model's outputs.</summary>
    public IReadOnlyList<TensorInfo> Outputs => [.. _steps.Select(static step => step.Output)];

    /// <summary>The outputs that hold detections as rows of floats, those of each layer once, by index.</summary>
    public IReadOnlyList<int> Detections =>
        [.. Enumerable.Range(0, _steps.Length).Where(i => _steps[i].IsDetections)];

    /// <summary>Cuts the DetectionOutput layers off a graph, which then has their operands as outputs instead.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="constantsToo">Whether operands that are constants become outputs too, rather than being kept here.</param>
    /// <returns>Null when the graph can stay as it is.</returns>
    /// <exception cref="LayerException">The result of such a layer feeds one that calculates.</exception>
    public static DetectionStage? CutOff(Graph graph, bool constantsToo = false)
    {
        if (!graph.Nodes.Exists(static node => node is DetectionNode) && !graph.Outputs.Exists(output => graph.HasInput(output.Name)))
            return null;

        DetectionResults results = DetectionResults.TakeFrom(graph);
        GraphOutput[] modelOutputs = [.. graph.Outputs];
        graph.Outputs.Clear();
        var names = new Dictionary<Value, string>();
        var first = new Dictionary<DetectionNode, string>();
        var description = new StageDescription([.. modelOutputs.Select(output => Describe(output, results.Find(output.Value)))]);
        return Restore(description, [.. graph.Outputs.Select(static o => new TensorInfo(o.Name, o.Value.ElementType, o.Value.Shape))]);

        StageOutput Describe(GraphOutput output, DetectionResult? result)
        {
            if (result is null)
                return new StageOutput(output.Name, [Operand(output.Value, output.Name)]);
            IReadOnlyList<long>? shape = output.Value == result.Node.Output ? null : output.Value.Shape;
            if (result.Types.Length > 0)
                return new StageOutput(output.Name, Operands(result.Node), result.Node.Layer, shape, result.Types);
            return first.TryAdd(result.Node, output.Name)
                ? new StageOutput(output.Name, Operands(result.Node), result.Node.Layer, shape)
                : new StageOutput(output.Name, [], Shape: output.Value.Shape, Repeats: first[result.Node]);
        }

        StageOperand[] Operands(DetectionNode node) => [.. node.Inputs.Select(input => Operand(input!, input!.Name))];

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
    public static DetectionStage Restore(StageDescription description, IReadOnlyList<TensorInfo> engineOutputs) =>
        new(description, engineOutputs, new StageRestorer(engineOutputs).Restore(description));

    public Tensor[] CreateOutputs() => [.. _steps.Select(static step =>
        new Tensor(step.Output.ElementType, [.. step.Output.Shape.Select(static d => d < 0 ? 1 : d)]))];

    public void Run(IReadOnlyList<Tensor> engineOutputs, IReadOnlyList<Tensor> modelOutputs)
    {
        for (int i = 0; i < _steps.Length; i++)
            _steps[i].Run(engineOutputs, modelOutputs, modelOutputs[i]);
    }
}
