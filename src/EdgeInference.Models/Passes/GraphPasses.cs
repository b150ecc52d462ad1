using EdgeInference.Models.Graphs;
using EdgeInference.Models.Quantization;

namespace EdgeInference.Models.Passes;

/// <summary>What is done to every graph between translation and writing. Each pass keeps the results the same but for rounding.</summary>
internal static class GraphPasses
{
    public static void Run(Graph graph)
    {
        MergeReshapes.Run(graph);
        FloatQuantization.Run(graph);
        FoldAfterConvolution.Run(graph);
        FoldBeforeConvolution.Run(graph);
        RemoveUnused.Run(graph);
    }
}
