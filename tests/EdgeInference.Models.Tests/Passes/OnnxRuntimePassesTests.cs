using EdgeInference.Models.Graphs;
using EdgeInference.Models.Passes;
using EdgeInference.Models.Passes.OnnxRuntime;
using static EdgeInference.Models.Tests.Passes.PassTester;

namespace EdgeInference.Models.Tests.Passes;

public sealed class OnnxRuntimePassesTests
{
    private static readonly int Block = ChannelBlock.Size;

    [Fact]
    public async Task Run_LeakyReluOfASum_IsFusedIntoTheConvolution() =>
        await AssertLeaves(OnnxTarget.OnnxRuntime, ["Conv", "FusedConv"], static (graph, x) =>
        {
            Value skip = Convolution(graph, x, pad: 1, channels: Block);
            return Leaky(graph, graph.Add(skip, Convolution(graph, skip, pad: 1, channels: Block)));
        });

    [Fact]
    public async Task Run_ClippedSum_IsFusedIntoTheConvolution() =>
        await AssertLeaves(OnnxTarget.OnnxRuntime, ["Conv", "FusedConv"], static (graph, x) =>
        {
            Value skip = Convolution(graph, x, pad: 1, channels: Block);
            return graph.Clip(graph.Add(Convolution(graph, skip, pad: 1, channels: Block), skip), 0, 1);
        });

    [Fact]
    public async Task Run_LeakyReluOfASum_StaysForOtherTools() =>
        await AssertLeaves(OnnxTarget.Standard, ["Conv", "Conv", "Add", "LeakyRelu"], static (graph, x) =>
        {
            Value skip = Convolution(graph, x, pad: 1, channels: Block);
            return Leaky(graph, graph.Add(skip, Convolution(graph, skip, pad: 1, channels: Block)));
        });

    [Fact]
    public async Task Run_SumUsedTwice_StaysAsItIs() =>
        await AssertLeaves(OnnxTarget.OnnxRuntime, ["Conv", "Conv", "Add", "LeakyRelu", "Add"], static (graph, x) =>
        {
            Value skip = Convolution(graph, x, pad: 1, channels: Block);
            Value sum = graph.Add(skip, Convolution(graph, skip, pad: 1, channels: Block));
            return graph.Add(Leaky(graph, sum), sum);
        });

    [Fact]
    public async Task Run_SumThatBroadcasts_StaysAsItIs() =>
        await AssertLeaves(OnnxTarget.OnnxRuntime, ["GlobalAveragePool", "Conv", "Add", "LeakyRelu"], static (graph, x) =>
        {
            Value mean = graph.Reduce("ReduceMean", x, [2, 3], keepDimensions: true);
            return Leaky(graph, graph.Add(mean, Convolution(graph, x, pad: 1, channels: 2)));
        });

    [Theory]
    [InlineData(0.75f, new[] { "Conv", "Mul", "Conv", "Sqrt", "Sqrt", "Mul", "Div" })]
    [InlineData(0.6f, new[] { "Conv", "Mul", "Conv", "Pow", "Div" })]
    public async Task Run_ResponseAcrossChannels_IsMadeOfAConvolution(float beta, string[] operations)
    {
        await AssertLeaves(OnnxTarget.OnnxRuntime, operations, Build);
        await AssertLeaves(OnnxTarget.Standard, ["Conv", "LRN"], Build);

        Value Build(GraphBuilder graph, Value x) =>
            graph.LocalResponse(Convolution(graph, x, pad: 1, channels: Block), [1], size: 4, alpha: 2, beta, bias: 1.5f);
    }

    [Theory]
    [InlineData(1f, new[] { "Min", "Exp", "Sub", "Max" })]
    [InlineData(0.5f, new[] { "Min", "Exp", "Sub", "Mul", "Max" })]
    [InlineData(1.5f, new[] { "Elu" })]
    public async Task Run_Elu_IsMadeOfFasterSteps(float alpha, string[] operations) =>
        await AssertLeaves(OnnxTarget.OnnxRuntime, operations, (graph, x) => graph.Unary("Elu", x, ("alpha", alpha)));

    [Theory]
    [InlineData(1f)]
    [InlineData(100f)]
    public async Task Run_Softplus_IsMadeOfFasterSteps(float scale) =>
        await AssertLeaves(OnnxTarget.OnnxRuntime, ["Mul", "Abs", "Neg", "Exp", "Add", "Log", "Relu", "Add"], (graph, x) =>
            graph.Unary("Softplus", graph.Multiply(x, graph.Float(scale))));

    [Fact]
    public void Run_NarrowBottleneck_IsWidenedToABlock()
    {
        Graph graph = Build(static (builder, x) => Bottleneck(builder, x, Block / 2));

        GraphPasses.Run(graph, OnnxTarget.OnnxRuntime, integerLayers: false, new LoadBudget(1 << 20, 1 << 20));

        Assert.Equal([Block, Block, 2], graph.Nodes.Where(static node => node.Operation is "Conv").Select(static node => (int)node.Output.Shape[1]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Run_Bottleneck_ComputesTheSame(int quarters) =>
        await AssertLeaves(OnnxTarget.OnnxRuntime, ["Conv", "LeakyRelu", "Conv", "Relu", "Conv"], (graph, x) => Bottleneck(graph, x, Block * quarters / 4));

    [Fact]
    public async Task Run_BottleneckBehindAnActivationThatMovesZero_StaysNarrow()
    {
        Graph graph = Build(Sigmoid);

        GraphPasses.Run(graph, OnnxTarget.OnnxRuntime, integerLayers: false, new LoadBudget(1 << 20, 1 << 20));

        Assert.Equal(Block / 2, graph.Nodes[0].Output.Shape[1]);
        await AssertLeaves(OnnxTarget.OnnxRuntime, ["Conv", "Sigmoid", "Conv"], Sigmoid);

        static Value Sigmoid(GraphBuilder builder, Value x) =>
            Convolution(builder, builder.Unary("Sigmoid", Convolution(builder, x, pad: 1, channels: Block / 2)), pad: 1, channels: 2);
    }

    private static Value Bottleneck(GraphBuilder graph, Value x, long width)
    {
        Value narrow = Leaky(graph, Convolution(graph, x, pad: 1, channels: width));
        Value each = graph.Unary("Relu", Convolution(graph, narrow, pad: 1, groups: width, channels: width));
        return Convolution(graph, each, pad: 1, channels: 2);
    }

    private static Value Leaky(GraphBuilder graph, Value x) => graph.Unary("LeakyRelu", x, ("alpha", 0.1f));
}
