using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Golden;

namespace EdgeInference.Models.Tests.Graphs;

/// <summary>A graph of one input and one output, computed by ONNX Runtime.</summary>
internal static class TestGraph
{
    public static GraphBuilder NewBuilder(long constantBudget = 1 << 20) =>
        new(new Graph { Name = "test" }, constantBudget) { LayerName = "x" };

    /// <summary>What <paramref name="build"/> makes of an input with this content.</summary>
    /// <param name="input">The content.</param>
    /// <param name="build">Builds the output from the input.</param>
    /// <param name="openBatch">Whether the first size is not known when the graph is built.</param>
    /// <param name="change">Changes the graph before it is computed.</param>
    public static async Task<Tensor> ComputeAsync(Tensor input, Func<GraphBuilder, Value, Value> build, bool openBatch = false, Action<Graph>? change = null)
    {
        GraphBuilder builder = NewBuilder();
        long[] shape = input.Shape.ToArray();
        if (openBatch)
            shape[0] = Shapes.Unknown;
        Value output = build(builder, builder.Input(input.ElementType, shape));
        builder.Graph.AddOutput("y", output);
        change?.Invoke(builder.Graph);
        return (await ModelRunner.RunAsync(ModelRunner.ToModel(builder.Graph), [input]))[0];
    }

    public static Tensor Floats(float[] values, params long[] shape)
    {
        var tensor = new Tensor(TensorElementType.Float32, shape);
        values.CopyTo(tensor.Elements<float>());
        return tensor;
    }

    /// <summary>1, 2, 3, …</summary>
    public static Tensor Count(params long[] shape) =>
        Floats([.. Enumerable.Range(1, (int)Shapes.Count(shape)).Select(static i => (float)i)], shape);

    /// <summary>A tensor of any element type.</summary>
    public static Tensor Numbers(TensorElementType elementType, double[] values, params long[] shape)
    {
        var tensor = new Tensor(elementType, shape);
        for (int i = 0; i < values.Length; i++)
        {
            switch (elementType)
            {
                case TensorElementType.Float32: tensor.Elements<float>()[i] = (float)values[i]; break;
                case TensorElementType.Int64: tensor.Elements<long>()[i] = (long)values[i]; break;
                case TensorElementType.Int32: tensor.Elements<int>()[i] = (int)values[i]; break;
                case TensorElementType.Int16: tensor.Elements<short>()[i] = (short)values[i]; break;
                case TensorElementType.Int8: tensor.Elements<sbyte>()[i] = (sbyte)values[i]; break;
                case TensorElementType.UInt8: tensor.Elements<byte>()[i] = (byte)values[i]; break;
                case TensorElementType.Boolean: tensor.Bytes[i] = (byte)values[i]; break;
                default: throw new ArgumentOutOfRangeException(nameof(elementType), elementType, message: null);
            }
        }

        return tensor;
    }

    /// <summary>The same as a constant.</summary>
    public static Value Constant(GraphBuilder graph, TensorElementType elementType, double[] values, params long[] shape) =>
        graph.Constant(new Constant(elementType, shape, Numbers(elementType, values, shape).Bytes.ToArray()));

    /// <summary>What <paramref name="build"/> makes of these numbers, computed by the engine and, when they are a constant, at load.</summary>
    /// <returns>The numbers of either; none of the second where nothing was folded.</returns>
    public static async Task<(double[] Computed, double[] Folded)> BothAsync(TensorElementType elementType, double[] values, Func<GraphBuilder, Value, Value> build)
    {
        double[] computed = TensorValues.Read(await ComputeAsync(Numbers(elementType, values, values.Length), build));
        GraphBuilder builder = NewBuilder();
        Constant? folded = build(builder, Constant(builder, elementType, values, values.Length)).Constant;
        if (folded is null)
            return (computed, []);
        var tensor = new Tensor(folded.ElementType, folded.Shape);
        folded.Data.Span.CopyTo(tensor.Bytes);
        return (computed, TensorValues.Read(tensor));
    }
}
