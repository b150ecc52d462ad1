using EdgeInference.Models.Graphs;
using EdgeInference.Models.Passes.OnnxRuntime;
using EdgeInference.Models.Quantization;

namespace EdgeInference.Models.Passes;

/// <summary>What is done to every graph between translation and writing. Each pass keeps the results the same but for rounding.</summary>
internal static class GraphPasses
{
    /// <param name="graph">The graph, changed in place.</param>
    /// <param name="target">Whose forms it takes.</param>
    /// <param name="integerLayers">Whether quantised layers are to be computed in whole numbers where that is possible.</param>
    /// <param name="budget">Where changed weights are counted; without room for them a pass leaves things as they are.</param>
    public static void Run(Graph graph, OnnxTarget target, bool integerLayers, LoadBudget budget)
    {
        if (target != OnnxTarget.Plain)
        {
            MergeReshapes.Run(graph);
            AbsorbClips.Run(graph);
            RemoveUnused.Run(graph);
            if (integerLayers)
            {
                SplitChannelScales.Run(graph, budget);
                RemoveUnused.Run(graph);
                FoldIntoConvolutions(graph, budget);
                JoinBias.Run(graph, budget);
                RemoveUnused.Run(graph);
                IntegerLayers.Run(graph, budget);
            }
        }

        FloatQuantization.Run(graph, budget);
        if (target != OnnxTarget.Plain)
        {
            FoldIntoConvolutions(graph, budget);
            FoldAfterNormalization.Run(graph, budget);
            JoinScaleAndShift.Run(graph, budget);
        }

        if (target == OnnxTarget.OnnxRuntime)
        {
            ExponentialSteps.Run(graph, budget);
            SumChannels.Run(graph, budget);
            FuseSums.Run(graph);
            WidenChannels.Run(graph, budget);
        }

        RemoveUnused.Run(graph);
    }

    private static void FoldIntoConvolutions(Graph graph, LoadBudget budget)
    {
        FoldAfterConvolution.Run(graph, budget);
        FoldBeforeConvolution.Run(graph, budget);
    }
}
