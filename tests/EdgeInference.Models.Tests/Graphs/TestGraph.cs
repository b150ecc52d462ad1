using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Tests.Golden;

namespace EdgeInference.Models.Tests.Graphs;

/// <summary>A graph of one input and one output, computed by ONNX Runtime.</summary>
internal static class TestGraph
{
    public static GraphBuilder NewBuilder(long constantBudget = 1 << 20) =>
        new(new Graph { Name = "test" }, constantBudget) { LayerName = "x" };

    /// <summary>What <paramref name="build"/> makes of an input with this content.</summary>
    public static async Task<Tensor> ComputeAsync(Tensor input, Func<GraphBuilder, Value, Value> build)
    {
        GraphBuilder builder = NewBuilder();
        Value output = build(builder, builder.Input(input.ElementType, input.Shape.ToArray()));
        builder.Graph.AddOutput("y", output);
        var model = new InferenceModel
        {
            Name = "test",
            Path = "test",
            Format = "test",
            Onnx = OnnxWriter.Write(builder.Graph),
            Inputs = [new TensorInfo("x", input.ElementType, input.Shape.ToArray())],
            Outputs = [new TensorInfo("y", output.ElementType, output.Shape)],
        };
        return (await ModelRunner.RunAsync(model, [input]))[0];
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
}
