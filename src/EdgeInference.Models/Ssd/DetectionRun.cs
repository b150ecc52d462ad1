using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>One DetectionOutput layer and where its operands come from: three or five.</summary>
internal sealed class DetectionRun(DetectionOptions options, IReadOnlyList<StageSource> operands)
{
    private readonly DetectionDecoder _decoder = new(options);

    /// <exception cref="InferenceException">The operands have shapes that do not fit together.</exception>
    public DetectionSizes Sizes(IReadOnlyList<Tensor> engineOutputs)
    {
        try
        {
            return DetectionSizes.Of(options, Shape(0, engineOutputs), Shape(1, engineOutputs), Shape(2, engineOutputs), Shape(3, engineOutputs), Shape(4, engineOutputs));
        }
        catch (LayerException e)
        {
            throw new InferenceException($"DetectionOutput: {e.Message}.", e);
        }
    }

    public void Decode(in DetectionSizes sizes, IReadOnlyList<Tensor> engineOutputs, Span<float> rows)
    {
        var values = new DetectionOperands
        {
            Locations = Floats(0, engineOutputs),
            Scores = Floats(1, engineOutputs),
            Priors = Floats(2, engineOutputs),
            Objectness = Floats(3, engineOutputs),
            Refinement = Floats(4, engineOutputs),
        };
        _decoder.Run(sizes, values, rows);
    }

    private ReadOnlySpan<long> Shape(int index, IReadOnlyList<Tensor> engineOutputs) =>
        index >= operands.Count ? [] : operands[index].Shape(engineOutputs);

    private ReadOnlySpan<float> Floats(int index, IReadOnlyList<Tensor> engineOutputs) =>
        index >= operands.Count ? [] : MemoryMarshal.Cast<byte, float>(operands[index].Bytes(engineOutputs));
}
