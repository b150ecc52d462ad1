using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Common;

public sealed class SpaceBlocksTests
{
    [Theory]
    [InlineData("blocks_first", new float[] { 1, 3, 5, 7, 2, 4, 6, 8 })]
    [InlineData("depth_first", new float[] { 1, 3, 2, 4, 5, 7, 6, 8 })]
    public void SpaceToDepth_Line_OrdersChannelsAsTheModeSays(string mode, float[] expected)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value y = TestLayer.Opset(graph, "SpaceToDepth:1", $"block_size=2 mode={mode}", Numbers(graph, 1, 2, 4));

        Assert.Equal([1, 4, 2], y.Shape);
        Assert.Equal(expected, y.Constant!.ToFloats());
    }

    [Theory]
    [InlineData("blocks_first", 1)]
    [InlineData("blocks_first", 2)]
    [InlineData("blocks_first", 3)]
    [InlineData("depth_first", 1)]
    [InlineData("depth_first", 2)]
    [InlineData("depth_first", 3)]
    public void DepthToSpace_AfterSpaceToDepth_GivesTheInputBack(string mode, int spatialRank)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = Numbers(graph, [2, 3, .. new long[] { 4, 6, 2 }.Take(spatialRank)]);
        Value deep = TestLayer.Opset(graph, "SpaceToDepth:1", $"block_size=2 mode={mode}", x);
        Value back = TestLayer.Opset(graph, "DepthToSpace:1", $"block_size=2 mode={mode}", deep);

        Assert.Equal(3 << spatialRank, deep.Shape[1]);
        Assert.Equal(x.Shape, back.Shape);
        Assert.Equal(x.Constant!.ToFloats(), back.Constant!.ToFloats());
    }

    [Fact]
    public void DepthToSpace_OpenBatch_StaysOpen()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [Shapes.Unknown, 8, 2, 3]);

        Assert.Equal([Shapes.Unknown, 2, 4, 6], TestLayer.Opset(graph, "DepthToSpace:1", "block_size=2 mode=depth_first", x).Shape);
    }

    [Theory]
    [InlineData("DepthToSpace:1", "block_size=3", "a size of 8 cannot be divided by 9")]
    [InlineData("SpaceToDepth:1", "block_size=2", "a size of 3 cannot be divided by 2")]
    [InlineData("SpaceToDepth:1", "block_size=-1", "a block_size of -1 is not possible")]
    [InlineData("SpaceToDepth:1", "block_size=1 mode=columns_first", "mode 'columns_first' is not known")]
    [InlineData("ShuffleChannels:1", "group=3", "a size of 8 cannot be divided by 3")]
    [InlineData("ShuffleChannels:1", "group=0", "blocks or groups of 0 are not possible")]
    [InlineData("ReorgYolo:2", "stride=2", "a size of 3 cannot be divided by 2")]
    public void Build_BlocksThatDoNotFit_AreRefused(string type, string attributes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 8, 2, 3]);

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.Opset(graph, type, attributes, x)).Message);
    }

    [Fact]
    public void ShuffleChannels_LastAxis_DealsTheGroupsOut()
    {
        GraphBuilder graph = TestGraph.NewBuilder();

        Assert.Equal([1, 4, 2, 5, 3, 6], TestLayer.Opset(graph, "ShuffleChannels:1", "axis=-1 group=2", Numbers(graph, 1, 6)).Constant!.ToFloats());
    }

    [Fact]
    public void ReorgYolo_TwoImages_MovesAsDarknetDoes()
    {
        const int Channels = 8;
        const int Height = 4;
        const int Width = 6;
        const int Stride = 2;
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = Numbers(graph, 2, Channels, Height, Width);
        float[] source = x.Constant!.ToFloats();
        var expected = new float[source.Length];
        int at = 0;
        for (int image = 0; image < 2; image++)
        {
            for (int channel = 0; channel < Channels; channel++)
            {
                (int place, int plane) = int.DivRem(channel, Channels / (Stride * Stride));
                for (int row = 0; row < Height; row++)
                {
                    for (int column = 0; column < Width; column++)
                    {
                        int wideRow = (row * Stride) + (place / Stride);
                        int wideColumn = (column * Stride) + (place % Stride);
                        int wide = (((plane * Height * Stride) + wideRow) * Width * Stride) + wideColumn;
                        expected[at++] = source[(image * Channels * Height * Width) + wide];
                    }
                }
            }
        }

        Value y = TestLayer.Opset(graph, "ReorgYolo:2", "stride=2", x);

        Assert.Equal([2, 32, 2, 3], y.Shape);
        Assert.Equal(expected, y.Constant!.ToFloats());
    }

    private static Value Numbers(GraphBuilder graph, params long[] shape) =>
        graph.Constant(Constant.Floats([.. Enumerable.Range(1, (int)Shapes.Count(shape)).Select(static i => (float)i)], shape));
}
