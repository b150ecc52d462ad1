using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Graphs;

public sealed class GraphBuilderMatMulTests
{
    [Theory]
    [InlineData(new long[] { 2, 3 }, false, new long[] { 3, 4 }, false, new long[] { 2, 4 })]
    [InlineData(new long[] { 3, 2 }, true, new long[] { 4, 3 }, true, new long[] { 2, 4 })]
    [InlineData(new long[] { 5, 2, 3 }, false, new long[] { 3, 4 }, false, new long[] { 5, 2, 4 })]
    [InlineData(new long[] { 5, 1, 2, 3 }, false, new long[] { 6, 4, 3 }, true, new long[] { 5, 6, 2, 4 })]
    [InlineData(new long[] { 1, 2, 19 }, false, new long[] { 3, 37, 19 }, true, new long[] { 3, 2, 37 })]
    [InlineData(new long[] { 3 }, true, new long[] { 3, 4 }, false, new long[] { 4 })]
    [InlineData(new long[] { 5, 2, 3 }, false, new long[] { 3 }, true, new long[] { 5, 2 })]
    [InlineData(new long[] { 3 }, false, new long[] { 3 }, false, new long[0])]
    public async Task MatMul_RanksAndTransposes_EqualThePlainSums(long[] first, bool transposeFirst, long[] second, bool transposeSecond, long[] shape)
    {
        Tensor left = TestGraph.Count(first);
        Tensor right = TestGraph.Count(second);
        Tensor product = await TestGraph.ComputeAsync(left, (graph, x) =>
            graph.MatMul(x, graph.Constant(Constant.Floats(right.Elements<float>().ToArray(), second)), transposeFirst, transposeSecond));

        Assert.Equal(shape, product.Shape.ToArray());
        Assert.Equal(Products(left, transposeFirst, right, transposeSecond), product.Elements<float>().ToArray());
    }

    [Fact]
    public async Task MatMul_WholeNumbers_StayWhole()
    {
        (double[] product, _) = await TestGraph.BothAsync(
            TensorElementType.Int32,
            [1, 2, 3, 4],
            static (graph, x) => graph.MatMul(graph.Reshape(x, [2, 2]), TestGraph.Constant(graph, TensorElementType.Int32, [5, 6, 7, 8], 2, 2)));

        Assert.Equal([19, 22, 43, 50], product);
    }

    [Fact]
    public void MatMul_OperandsThatDoNotFit_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [2, 3]);
        Value bytes = graph.Input(TensorElementType.Int8, [3, 3]);

        Assert.Equal("matrices [2,3] and [2,3] do not fit together", Refusal(() => graph.MatMul(x, x)));
        Assert.Equal("matrices [3,2] and [3,2] do not fit together", Refusal(() => graph.MatMul(x, x, transposeFirst: true, transposeSecond: true)));
        Assert.Equal("a matrix product of a single number is not possible", Refusal(() => graph.MatMul(x, graph.Float(1))));
        Assert.Equal("a matrix product of Int8 is not supported", Refusal(() => graph.MatMul(bytes, bytes)));
        Assert.Equal("input [2,3] does not fit weights [4,2]", Refusal(() => graph.FullyConnected(x, graph.Constant(Constant.Floats(new float[8], 4, 2)), null)));

        static string Refusal(Func<Value> build) => Assert.Throws<LayerException>(build).Message;
    }

    private static float[] Products(Tensor left, bool transposeLeft, Tensor right, bool transposeRight)
    {
        long[] a = Matrices(left, transposeLeft, row: true);
        long[] b = Matrices(right, transposeRight, row: false);
        long[] batch = Shapes.Broadcast(a[..^2], b[..^2]);
        var result = new List<float>();
        var atLeft = new BroadcastIndex(a[..^2], batch);
        var atRight = new BroadcastIndex(b[..^2], batch);
        for (long i = 0; i < Shapes.Count(batch); i++)
        {
            long offsetLeft = atLeft.Next() * a[^2] * a[^1];
            long offsetRight = atRight.Next() * b[^2] * b[^1];
            for (long row = 0; row < a[^2]; row++)
            {
                for (long column = 0; column < b[^1]; column++)
                {
                    float sum = 0;
                    for (long inner = 0; inner < a[^1]; inner++)
                    {
                        long l = offsetLeft + (transposeLeft && left.Shape.Length > 1 ? (inner * a[^2]) + row : (row * a[^1]) + inner);
                        long r = offsetRight + (transposeRight && right.Shape.Length > 1 ? (column * b[^2]) + inner : (inner * b[^1]) + column);
                        sum += left.Elements<float>()[(int)l] * right.Elements<float>()[(int)r];
                    }

                    result.Add(sum);
                }
            }
        }

        return [.. result];
    }

    private static long[] Matrices(Tensor tensor, bool transpose, bool row)
    {
        long[] shape = tensor.Shape.ToArray();
        if (shape.Length == 1)
            return row ? [1, shape[0]] : [shape[0], 1];
        return transpose ? [.. shape[..^2], shape[^1], shape[^2]] : shape;
    }
}
