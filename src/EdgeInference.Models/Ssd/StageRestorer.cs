using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Ssd;

/// <summary>Makes the steps of a stage from its description, any part of which may be wrong.</summary>
internal sealed class StageRestorer(IReadOnlyList<TensorInfo> engineOutputs)
{
    private readonly List<StageStep> _steps = [];

    /// <exception cref="LayerException">The description does not fit the graph.</exception>
    public StageStep[] Restore(StageDescription description)
    {
        if (description.Outputs.Select(static output => output?.Name).Distinct(StringComparer.Ordinal).Count() < description.Outputs.Count)
            throw new LayerException("two outputs of the output stage have the same name");
        foreach (StageOutput? output in description.Outputs)
        {
            _steps.Add(output switch
            {
                { Repeats: { } earlier } => Repeat(output, earlier),
                { DetectionOutput: { } layer } => Detect(output, layer),
                { Operands: [var only] } => new HandOnStep(output.Name, Source(only)),
                _ => throw new LayerException("an output of the stage is not made from one operand"),
            });
        }

        return [.. _steps];
    }

    private RepeatStep Repeat(StageOutput output, string earlier)
    {
        int index = _steps.FindIndex(step => step.Output.Name == earlier);
        if (index < 0)
            throw new LayerException($"output '{output.Name}' repeats '{earlier}', which is not one before it");
        TensorInfo repeated = _steps[index].Output;
        return new RepeatStep(new TensorInfo(output.Name, repeated.ElementType, Reshaped(repeated.Shape, output.Shape)), index);
    }

    private DetectionStep Detect(StageOutput output, DetectionLayer layer)
    {
        try
        {
            StageSource[] operands = [.. output.Operands.Select(Source)];
            Value[] inputs = [.. operands.Select(static operand => operand.Value)];
            if (inputs.Any(static input => input.ElementType != TensorElementType.Float32))
                throw new LayerException("its inputs are not floats");
            DetectionOptions options = DetectionOutput.ReadOptions(LayerSource.Of(layer, output.Name, inputs));
            TensorElementType[] types = [.. output.Types ?? []];
            var info = new TensorInfo(
                output.Name,
                types.Length > 0 ? types[^1] : TensorElementType.Float32,
                Reshaped(DetectionOutput.Shape(options, inputs), output.Shape));
            return new DetectionStep(info, new DetectionRun(options, operands), types);
        }
        catch (Exception exception) when (exception is LayerException or OverflowException)
        {
            throw new LayerException($"output '{output.Name}' (DetectionOutput): {(exception is OverflowException ? "its sizes are beyond any real model" : exception.Message)}");
        }
    }

    private StageSource Source(StageOperand? operand)
    {
        if (operand?.Constant is { } constant)
            return new StageSource(-1, new Value("", constant.ElementType, [.. constant.Shape]) { Constant = constant.ToConstant() });
        for (int i = 0; i < engineOutputs.Count; i++)
        {
            if (engineOutputs[i].Name == operand?.Output)
                return new StageSource(i, new Value(engineOutputs[i].Name, engineOutputs[i].ElementType, [.. engineOutputs[i].Shape]));
        }

        throw new LayerException($"the graph has no output '{operand?.Output}', which the output stage needs");
    }

    /// <summary>The new shape, if it can be the old one's; where the old one is open, so is one size of the new one.</summary>
    private static IReadOnlyList<long> Reshaped(IReadOnlyList<long> shape, IReadOnlyList<long>? target)
    {
        if (target is null)
            return shape;
        bool fits = target.All(static size => size >= Shapes.Unknown)
            && (Shapes.IsStatic(shape)
                ? Shapes.IsStatic(target) && Shapes.Count(target) == Shapes.Count(shape)
                : target.Count(static size => size == Shapes.Unknown) == 1 && !target.Contains(0));
        return fits ? target : throw new LayerException($"shape {Shapes.Describe(shape)} cannot become {Shapes.Describe(target)}");
    }
}
