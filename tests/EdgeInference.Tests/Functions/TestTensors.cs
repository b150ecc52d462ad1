using EdgeInference.Functions;
using EdgeInference.Inference;

namespace EdgeInference.Tests.Functions;

internal static class TestTensors
{
    public static Tensor Of<T>(TensorElementType type, long[] shape, params T[] values)
        where T : unmanaged
    {
        var tensor = new Tensor(type, shape);
        values.CopyTo(tensor.Elements<T>());
        return tensor;
    }

    public static Tensor Floats(long[] shape, params float[] values) => Of(TensorElementType.Float32, shape, values);

    public static TensorInfo Output(string name, params long[] shape) => new(name, TensorElementType.Float32, shape);

    public static InferenceModel Model(params TensorInfo[] outputs) => new()
    {
        Name = "test",
        Path = "test.onnx",
        Format = "ONNX",
        Onnx = default,
        Inputs = [Output("data", 1, 3, 300, 300)],
        Outputs = outputs,
    };

    public static LabelMap Labels(string json)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json);
            return LabelMap.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Bytes that evaluating allocates once it has run a few times.</summary>
    public static long AllocatedBy(IInferenceFunction function, params Tensor[] outputs)
    {
        InferenceResult result = function.CreateResult();
        for (int i = 0; i < 50; i++)
            function.Evaluate(outputs, result);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            function.Evaluate(outputs, result);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
