using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>How one output of a model is made.</summary>
internal abstract class StageStep(TensorInfo output)
{
    public TensorInfo Output { get; } = output;

    /// <summary>Whether the output is detections as rows of floats, and not again those of another output.</summary>
    public virtual bool IsDetections => false;

    /// <param name="engineOutputs">What the engine computed.</param>
    /// <param name="modelOutputs">The model's outputs, of which those before this one are made.</param>
    /// <param name="result">This one.</param>
    public abstract void Run(IReadOnlyList<Tensor> engineOutputs, IReadOnlyList<Tensor> modelOutputs, Tensor result);

    /// <summary>Gives a tensor the output's shape, in which one size may be open, for so many elements.</summary>
    protected void Resize(Tensor result, long count)
    {
        Span<long> sizes = stackalloc long[Output.Shape.Count];
        long known = 1;
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = Output.Shape[i];
            known *= Math.Max(sizes[i], 1);
        }

        int open = sizes.IndexOf(Shapes.Unknown);
        if (open >= 0)
            sizes[open] = count / known;
        result.Resize(sizes);
    }
}

/// <summary>Hands on what the engine computed, or a constant.</summary>
internal sealed class HandOnStep(string name, StageSource source)
    : StageStep(new TensorInfo(name, source.Value.ElementType, source.Value.Shape))
{
    public override void Run(IReadOnlyList<Tensor> engineOutputs, IReadOnlyList<Tensor> modelOutputs, Tensor result)
    {
        result.Resize(source.Shape(engineOutputs));
        source.Bytes(engineOutputs).CopyTo(result.Bytes);
    }
}

/// <summary>Repeats an earlier output, in another shape or the same.</summary>
internal sealed class RepeatStep(TensorInfo output, int earlier) : StageStep(output)
{
    public override void Run(IReadOnlyList<Tensor> engineOutputs, IReadOnlyList<Tensor> modelOutputs, Tensor result)
    {
        Resize(result, modelOutputs[earlier].Count);
        modelOutputs[earlier].Bytes.CopyTo(result.Bytes);
    }
}

/// <summary>Decodes a DetectionOutput layer, and converts its rows to each type in turn.</summary>
internal sealed class DetectionStep(TensorInfo output, DetectionRun run, TensorElementType[] types) : StageStep(output)
{
    private readonly ScratchPool<Tensor> _rows = new(static () => new Tensor(TensorElementType.Float32, 0));

    public override bool IsDetections => types.Length == 0 && Output.Shape is [.., DetectionDecoder.RowLength];

    public override void Run(IReadOnlyList<Tensor> engineOutputs, IReadOnlyList<Tensor> modelOutputs, Tensor result)
    {
        DetectionSizes sizes = run.Sizes(engineOutputs);
        Resize(result, (long)sizes.Rows * DetectionDecoder.RowLength);
        if (types.Length == 0)
        {
            run.Decode(sizes, engineOutputs, result.Elements<float>());
            return;
        }

        Tensor rows = _rows.Rent();
        rows.Resize(result.Count);
        run.Decode(sizes, engineOutputs, rows.Elements<float>());
        ElementConversion.Convert(rows.Elements<float>(), types, result.Bytes);
        _rows.Return(rows);
    }
}
