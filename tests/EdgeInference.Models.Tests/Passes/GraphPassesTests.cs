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
