using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Opset;

/// <summary>Layers that only move elements.</summary>
public sealed class MovementTests
{
    [Fact]
    public void BatchToSpace_AfterSpaceToBatch_GivesTheInputBack()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Constant(Constant.Floats([.. Enumerable.Range(1, 40).Select(static i => (float)i)], 2, 1, 4, 5));
        Value blocks = graph.Ints(1, 1, 2, 3);
        Value before = graph.Ints(0, 0, 1, 0);
        Value after = graph.Ints(0, 0, 1, 1);
        Value batch = TestLayer.Opset(graph, "SpaceToBatch:2", "", x, blocks, before, after);
        Value back = TestLayer.Opset(graph, "BatchToSpace:2", "", batch, blocks, before, after);

        Assert.Equal([12, 1, 3, 2], batch.Shape);
        Assert.Equal([0, 0, 6, 9, 16, 19], batch.Constant!.ToFloats()[..6]);
        Assert.Equal(x.Shape, back.Shape);
        Assert.Equal(x.Constant!.ToFloats(), back.Constant!.ToFloats());
    }

    [Fact]
    public void SpaceToBatch_BlocksOfChannels_CutThemToo()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Constant(Constant.Floats([.. Enumerable.Range(1, 16).Select(static i => (float)i)], 1, 4, 4));
        Value blocks = graph.Ints(1, 2, 2);
        Value none = graph.Ints(0, 0, 0);
        Value batch = TestLayer.Opset(graph, "SpaceToBatch:2", "", x, blocks, none, none);
        Value back = TestLayer.Opset(graph, "BatchToSpace:2", "", batch, blocks, none, none);

        Assert.Equal([4, 2, 2], batch.Shape);
        Assert.Equal([1, 3, 9, 11, 2, 4, 10, 12], batch.Constant!.ToFloats()[..8]);
        Assert.Equal(x.Constant!.ToFloats(), back.Constant!.ToFloats());
    }

    /// <summary>What is computed at load and by ONNX Runtime, partly with other operations, must agree.</summary>
    [Theory]
    [InlineData("SpaceToBatch:2", "", new long[] { 1, 1, 2, 2 })]
    [InlineData("SpaceToBatch:2", "", new long[] { 1, 2, 2, 3 })]
    [InlineData("BatchToSpace:2", "", new long[] { 1, 1, 2, 2 })]
    [InlineData("BatchToSpace:2", "", new long[] { 1, 2, 1, 2 })]
    [InlineData("SpaceToDepth:1", "block_size=2 mode=blocks_first", null)]
    [InlineData("SpaceToDepth:1", "block_size=2 mode=depth_first", null)]
    [InlineData("DepthToSpace:1", "block_size=2 mode=blocks_first", null)]
    [InlineData("DepthToSpace:1", "block_size=2 mode=depth_first", null)]
    [InlineData("ReorgYolo:2", "stride=2", null)]
    [InlineData("ShuffleChannels:1", "group=4", null)]
    public async Task Build_KnownAndUnknownInput_MoveAlike(string type, string attributes, long[]? blocks)
    {
        Tensor input = TestGraph.Count(4, 8, 4, 6);
        GraphBuilder atLoad = TestGraph.NewBuilder();
        Value folded = Move(atLoad, atLoad.Constant(Constant.Floats(input.Elements<float>().ToArray(), 4, 8, 4, 6)));
        Tensor computed = await TestGraph.ComputeAsync(input, Move);

        Assert.Empty(atLoad.Graph.Nodes);
        Assert.Equal(folded.Shape, computed.Shape.ToArray());
        Assert.Equal(folded.Constant!.ToFloats(), computed.Elements<float>().ToArray());

        Value Move(GraphBuilder graph, Value x) => blocks is null
            ? TestLayer.Opset(graph, type, attributes, x)
            : TestLayer.Opset(graph, type, attributes, x, graph.Ints(blocks), graph.Ints(0, 0, 0, 0), graph.Ints(0, 0, 0, 0));
    }

    [Fact]
    public void SpaceToBatch_BlocksThatDoNotFit_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 1, 4, 5]);
        Value none = graph.Ints(0, 0, 0, 0);

        Assert.Equal("a size of 5 cannot be divided by 2", Refusal("SpaceToBatch:2", graph.Ints(1, 1, 2, 2), none));
        Assert.Equal("blocks of 2,1,1,1 do not fit [1,1,4,5]", Refusal("SpaceToBatch:2", graph.Ints(2, 1, 1, 1), none));
        Assert.Equal("a size of 1 cannot be divided by 4", Refusal("BatchToSpace:2", graph.Ints(1, 1, 2, 2), none));
        Assert.Equal("crops of -1,0,0,0 are not possible", Refusal("BatchToSpace:2", graph.Ints(1, 1, 1, 1), graph.Ints(-1, 0, 0, 0)));

        string Refusal(string type, Value blocks, Value pads) =>
            Assert.Throws<LayerException>(() => TestLayer.Opset(graph, type, "", x, blocks, pads, none)).Message;
    }

    [Theory]
    [InlineData(new long[] { 1 }, new long[] { 1 }, new float[] { 3, 1, 2, 6, 4, 5 })]
    [InlineData(new long[] { -1 }, new long[] { -1 }, new float[] { 2, 3, 1, 5, 6, 4 })]
    [InlineData(new long[] { 1 }, new long[] { 0, 1 }, new float[] { 6, 4, 5, 3, 1, 2 })]
    [InlineData(new long[] { 5, 3 }, new long[] { 1, 1 }, new float[] { 2, 3, 1, 5, 6, 4 })]
    [InlineData(new long[] { long.MinValue }, new long[] { 0 }, new float[] { 1, 2, 3, 4, 5, 6 })]
    public void Roll_Matrix_MovesElementsRound(long[] shifts, long[] axes, float[] expected)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Constant(Constant.Floats([1, 2, 3, 4, 5, 6], 2, 3));

        Assert.Equal(expected, TestLayer.Opset(graph, "Roll:7", "", x, graph.Ints(shifts), graph.Ints(axes)).Constant!.ToFloats());
    }

    [Fact]
    public void Roll_ShiftsThatDoNotFit_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [Shapes.Unknown, 3]);

        Assert.Equal("2 shifts do not fit 1 axes", Refusal(graph.Ints(1, 2), graph.Ints(1)));
        Assert.Equal("rolling along axis 0, whose size is not known at load, is not supported", Refusal(graph.Ints(1), graph.Ints(0)));

        string Refusal(Value shifts, Value axes) => Assert.Throws<LayerException>(() => TestLayer.Opset(graph, "Roll:7", "", x, shifts, axes)).Message;
    }

    [Fact]
    public async Task Roll_OpenBatch_MovesElementsRound()
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Count(2, 3), static (graph, x) => TestLayer.Opset(graph, "Roll:7", "", x, graph.Ints(1), graph.Ints(1)), openBatch: true);

        Assert.Equal([3, 1, 2, 6, 4, 5], result.Elements<float>().ToArray());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 2)]
    [InlineData(2, 1)]
    [InlineData(-1, -2)]
    public async Task ReverseSequence_AnyAxes_TurnsTheFirstElementsRound(int batchAxis, int sequenceAxis)
    {
        long[] lengths = [1, 2, 3];
        Tensor input = TestGraph.Count(3, 3, 3);
        Tensor result = await TestGraph.ComputeAsync(input, (graph, x) => TestLayer.Opset(
            graph, "ReverseSequence:1", $"batch_axis={batchAxis} seq_axis={sequenceAxis}", x, graph.Cast(graph.Ints(lengths), TensorElementType.Int32)));

        int[] strides = [9, 3, 1];
        (int batch, int sequence) = (strides[(batchAxis + 3) % 3], strides[(sequenceAxis + 3) % 3]);
        var expected = new float[27];
        for (int i = 0; i < expected.Length; i++)
        {
            int length = (int)lengths[i / batch % 3];
            int at = i / sequence % 3;
            int source = at < length ? length - 1 - at : at;
            expected[i] = 1 + i + ((source - at) * sequence);
        }

        Assert.Equal(expected, result.Elements<float>().ToArray());
    }

    [Fact]
    public void ReverseSequence_OneAxisTwice_IsRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [2, 3]);

        string message = Assert.Throws<LayerException>(() => TestLayer.Legacy(graph, "ReverseSequence", "batch_axis=1", x, graph.Ints(1, 2))).Message;

        Assert.Equal("lengths [2] along axis 1 cannot turn axis 1 round", message);
    }

    [Theory]
    [InlineData("mode=linear", "mode 'linear' is not known")]
    [InlineData("padding_mode=mirror", "padding_mode 'mirror' is not known")]
    [InlineData("mode=nearest", "a grid [2,3,4,2] does not fit images [1,2,5,6]")]
    public void GridSample_AttributesThatDoNotFit_AreRefused(string attributes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 2, 5, 6]);
        Value grid = graph.Input(TensorElementType.Float32, [2, 3, 4, 2]);

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.Opset(graph, "GridSample:9", $"{attributes}", x, grid)).Message);
    }
}
