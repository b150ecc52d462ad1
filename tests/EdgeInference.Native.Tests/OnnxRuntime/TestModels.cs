using EdgeInference.Inference;

namespace EdgeInference.Native.Tests.OnnxRuntime;

internal static class TestModels
{
    /// <summary>y = Relu(x * 2 + 1), each of <paramref name="shape"/>.</summary>
    public static InferenceModel Affine(params long[] shape) =>
        new OnnxModelBuilder()
            .Input("x", TensorElementType.Float32, shape)
            .Constant("two", [], 2)
            .Constant("one", [], 1)
            .Node("Mul", ["x", "two"], ["doubled"])
            .Node("Add", ["doubled", "one"], ["shifted"])
            .Node("Relu", ["shifted"], ["y"])
            .Output("y", TensorElementType.Float32, shape)
            .Build();

    /// <summary>A chain of matrix products that keeps a core busy for a second or more: x of size by size, and so is y.</summary>
    public static InferenceModel Slow(int size = 512, int products = 400)
    {
        OnnxModelBuilder builder = new OnnxModelBuilder().Input("x", TensorElementType.Float32, size, size);
        string last = "x";
        for (int i = 0; i < products; i++)
        {
            string next = i == products - 1 ? "y" : $"x{i}";
            builder.Node("MatMul", [last, "x"], [next]);
            last = next;
        }

        return builder.Output("y", TensorElementType.Float32, size, size).Build();
    }
}
