using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ir;

/// <summary>Puts the means of a legacy file behind the input that they are for.</summary>
internal static class MeanSubtraction
{
    /// <summary>The value that layers see in place of an Input layer's.</summary>
    public static Value Apply(IrDocument document, Value input, IrWeights weights, GraphBuilder builder)
    {
        if (document.PreProcess is not { } preProcess || !IsMeant(preProcess, input, builder.Graph) || preProcess.Means.All(static m => m is null))
            return input;
        if (input.Rank != 4 || preProcess.Means.Count != input.Shape[1] || preProcess.Means.Contains(null))
            throw new LayerException($"the means of <pre-process> are not one for each channel of {Shapes.Describe(input.Shape)}");

        Value[] means = [.. preProcess.Means.Select(mean => builder.Constant(mean!.Plane is { } plane
            ? weights.Read(plane, "f32", [1, 1, input.Shape[2], input.Shape[3]])
            : Constant.Floats([mean.Value], 1, 1, 1, 1)))];
        return builder.Subtract(input, builder.Concat(means, axis: 1));
    }

    private static bool IsMeant(IrPreProcess preProcess, Value input, Graph graph) =>
        preProcess.ReferenceLayer.Length > 0
            ? string.Equals(preProcess.ReferenceLayer, input.Name, StringComparison.Ordinal)
            : input == graph.Inputs.Find(static candidate => candidate.Rank == 4);
}
