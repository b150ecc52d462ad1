using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Passes;
using static EdgeInference.Models.Tests.Passes.PassTester;

namespace EdgeInference.Models.Tests.Passes;

public sealed class GraphPassesTests
{
    [Fact]
    public async Task Run_ScaleAndShiftAfterConvolution_LeavesOneConvolution() =>
        await AssertLeaves(OnnxTarget.Standard, ["Conv"], static (graph, x) =>
            graph.Subtract(graph.Multiply(graph.Add(Convolution(graph, x, pad: 1), Channels(graph, 4, 1)), Channels(graph, 4, 2)), Channels(graph, 4, 3)));

    [Fact]
    public async Task Run_ScaleBeforePaddedConvolution_LeavesOneConvolution() =>
        await AssertLeaves(OnnxTarget.Standard, ["Conv"], static (graph, x) => Convolution(graph, graph.Multiply(x, Channels(graph, 2, 1)), pad: 1));

    [Fact]
    public async Task Run_ScaleBeforeGroupedConvolution_LeavesOneConvolution() =>
        await AssertLeaves(OnnxTarget.Standard, ["Conv"], static (graph, x) => Convolution(graph, graph.Multiply(x, Channels(graph, 2, 1)), pad: 0, groups: 2));

    [Fact]
    public async Task Run_ShiftBeforeUnpaddedConvolution_LeavesOneConvolution() =>
        await AssertLeaves(OnnxTarget.Standard, ["Conv"], static (graph, x) => Convolution(graph, graph.Subtract(x, Channels(graph, 2, 1)), pad: 0));

    [Fact]
    public async Task Run_ShiftBeforePaddedConvolution_StaysInFront() =>
        await AssertLeaves(OnnxTarget.Standard, ["Sub", "Conv"], static (graph, x) => Convolution(graph, graph.Subtract(x, Channels(graph, 2, 1)), pad: 1));

    [Fact]
    public async Task Run_ScaleThenShiftBeforePaddedConvolution_KeepsOnlyAnAddition() =>
        await AssertLeaves(OnnxTarget.Standard, ["Add", "Conv"], static (graph, x) =>
            Convolution(graph, graph.Add(graph.Multiply(x, Channels(graph, 2, 1)), Channels(graph, 2, 2)), pad: 1));

    [Fact]
    public async Task Run_ScaledValueUsedTwice_StaysAsItIs() =>
        await AssertLeaves(OnnxTarget.Standard, ["Mul", "Conv", "Conv", "Add"], static (graph, x) =>
        {
            Value scaled = graph.Multiply(x, Channels(graph, 2, 1));
            return graph.Add(Convolution(graph, scaled, pad: 0), Convolution(graph, scaled, pad: 0));
        });

    [Fact]
    public async Task Run_AdditionThatWidensTheResult_StaysAsItIs() =>
        await AssertLeaves(OnnxTarget.Standard, ["Conv", "Add"], static (graph, x) =>
            graph.Add(Convolution(graph, x, pad: 1), graph.Constant(Constant.Floats([1, 2, 3], 3, 1, 1, 1))));

    [Fact]
    public void Run_ManyReshapesBehindOpenOnes_TakeTheirSource()
    {
        const int Count = 300;
        Graph graph = PassTester.Build(static (graph, x) =>
        {
            Value open = graph.Unary("Relu", x);
            for (int i = 0; i < Count; i++)
                open = graph.Add("Reshape", [open, graph.Ints(0, 0)], x.ElementType, [-1, -1]);
            Value sum = graph.Reshape(open, [1, 50]);
            for (int i = 0; i < 3; i++)
                sum = graph.Add(sum, graph.Reshape(open, [1, 50]));
            return sum;
        });

        MergeReshapes.Run(graph);

        Node[] fixedOnes = [.. graph.Nodes.Where(static node => node.Operation is "Reshape" && node.Output.IsStatic)];
        Assert.Equal(4, fixedOnes.Length);
        Assert.All(fixedOnes, static node => Assert.Equal("Relu", node.Inputs[0]!.Producer!.Operation));
        RemoveUnused.Run(graph);
        Assert.DoesNotContain(graph.Nodes, static node => !node.Output.IsStatic);
    }

    [Fact]
    public void Run_OneNumberForMillionsOfChannels_IsNotSpread()
    {
        Graph graph = PassTester.Build(static (graph, _) =>
        {
            Value wide = graph.Input(TensorElementType.Float32, [1, 1 << 28, 1, 1]);
            return graph.Add(graph.Multiply(wide, graph.Float(2)), graph.Float(3));
        });
        var budget = new LoadBudget(1 << 20, 1 << 20);

        long before = GC.GetAllocatedBytesForCurrentThread();
        GraphPasses.Run(graph, OnnxTarget.Standard, integerLayers: false, budget);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(["Mul", "Add"], graph.Nodes.Select(static node => node.Operation));
    }

    [Fact]
    public async Task Run_ReshapesInARow_LeavesTheLast() =>
        await AssertLeaves(OnnxTarget.Standard, ["Relu", "Reshape"], static (graph, x) =>
            graph.Reshape(graph.Reshape(graph.Unary("Relu", x), [1, 2, 25]), [1, 50]));

    [Fact]
    public async Task Run_UnusedBranch_IsRemoved() =>
        await AssertLeaves(OnnxTarget.Standard, ["Relu"], static (graph, x) =>
        {
            _ = graph.Unary("Exp", x);
            return graph.Unary("Relu", x);
        });
}
