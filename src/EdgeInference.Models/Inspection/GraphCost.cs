using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Inspection;

/// <summary>What running a graph once takes, by the shapes of its values.</summary>
/// <param name="MultiplyAdds">Multiplications, each with its addition, of convolutions, deconvolutions, matrix products and recurrent cells.</param>
/// <param name="Parameters">Numbers in its constants, without those of whole-number shapes and indices.</param>
/// <param name="PeakActivationBytes">The most that inputs, outputs and values still to be used hold at once; a value may take the place of one it is the last to use.</param>
/// <param name="IsComplete">Whether all that matters here is known: no open sizes, and no graphs inside the graph.</param>
public sealed record GraphCost(long MultiplyAdds, long Parameters, long PeakActivationBytes, bool IsComplete)
{
    internal static GraphCost Of(Graph graph)
    {
        bool complete = graph.Nodes.TrueForAll(static node => node.Operation is not ("If" or "Loop" or "Scan") && node.Outputs.All(static output => output.IsStatic));
        long products = graph.Nodes.Sum(static node => NodeCost.MultiplyAdds(node) ?? 0);
        complete &= graph.Nodes.TrueForAll(static node => NodeCost.MultiplyAdds(node) is not null);
        return new GraphCost(products, CountParameters(graph), ActivationMemory.Peak(graph), complete);
    }

    // What is only handed on, such as the priors of a converted detector, takes part in no computation.
    private static long CountParameters(Graph graph) => graph.Nodes
        .Where(static node => node.Operation is not "Identity")
        .SelectMany(static node => node.Inputs)
        .OfType<Value>()
        .Where(static value => value.Constant is not null && value.ElementType is not (TensorElementType.Int64 or TensorElementType.Int32 or TensorElementType.Boolean))
        .Distinct()
        .DistinctBy(static value => value.Constant!.Data.IsEmpty ? (object)value : value.Constant.Data)
        .Sum(static value => NodeCost.Count(value) ?? 0);
}
