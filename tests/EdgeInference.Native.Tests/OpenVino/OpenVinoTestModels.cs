using System.Globalization;
using System.Text;
using EdgeInference.Inference;
using EdgeInference.Native.Tests.OnnxRuntime;

namespace EdgeInference.Native.Tests.OpenVino;

/// <summary>Models of which the fake only wants to know inputs and outputs.</summary>
internal static class OpenVinoTestModels
{
    public static TensorInfo Image(params long[] shape) => new("image", TensorElementType.Float32, shape);

    public static TensorInfo Scores(params long[] shape) => new("scores", TensorElementType.Float32, shape);

    /// <summary>x[4] to y[4], of float32, as ONNX.</summary>
    public static InferenceModel Small() =>
        Onnx([new TensorInfo("x", TensorElementType.Float32, [4])], [new TensorInfo("y", TensorElementType.Float32, [4])]);

    public static InferenceModel Onnx(IReadOnlyList<TensorInfo> inputs, IReadOnlyList<TensorInfo> outputs)
    {
        OnnxModelBuilder builder = new OnnxModelBuilder().Constant("weights", [2], 1, 2);
        foreach (TensorInfo input in inputs)
            builder.Input(input.Name, input.ElementType, [.. input.Shape]);
        foreach (TensorInfo output in outputs)
            builder.Output(output.Name, output.ElementType, [.. output.Shape]);
        return builder.Node("Anything", [.. inputs.Select(static input => input.Name)], [.. outputs.Select(static output => output.Name)]).Build();
    }

    /// <summary>An IR in a file of its own.</summary>
    public static InferenceModel Ir(IReadOnlyList<TensorInfo> inputs, IReadOnlyList<TensorInfo> outputs, int version = 11, string? precision = null)
    {
        StringBuilder layers = new();
        StringBuilder edges = new();
        int id = 0;
        foreach (TensorInfo input in inputs)
            layers.Append(CultureInfo.InvariantCulture, $"<layer id=\"{id++}\" name=\"{input.Name}\" type=\"Parameter\" version=\"opset1\"><output>{Port(input, precision)}</output></layer>\n");
        foreach (TensorInfo output in outputs)
        {
            layers.Append(CultureInfo.InvariantCulture, $"<layer id=\"{id++}\" name=\"{output.Name}\" type=\"Anything\"><output>{Port(output, null)}</output></layer>\n");
            layers.Append(CultureInfo.InvariantCulture, $"<layer id=\"{id++}\" name=\"{output.Name}/sink\" type=\"Result\"><input>{Port(output, null)}</input></layer>\n");
            edges.Append(CultureInfo.InvariantCulture, $"<edge from-layer=\"{id - 2}\" from-port=\"0\" to-layer=\"{id - 1}\" to-port=\"0\"/>\n");
        }

        string path = Path.Combine(OpenVinoTestBed.CreateFolder(), "model.xml");
        File.WriteAllText(path, $"<?xml version=\"1.0\"?>\n<net name=\"test\" version=\"{version}\">\n<layers>\n{layers}</layers>\n<edges>\n{edges}</edges>\n</net>\n");
        return new InferenceModel { Name = "test", Path = path, Format = $"IR v{version}", Onnx = default, Inputs = inputs, Outputs = outputs };
    }

    /// <summary>The model with other inputs and outputs than its file has.</summary>
    public static InferenceModel With(InferenceModel model, IReadOnlyList<TensorInfo> inputs, IReadOnlyList<TensorInfo> outputs) => new()
    {
        Name = model.Name,
        Path = model.Path,
        Format = model.Format,
        Onnx = model.Onnx,
        Inputs = inputs,
        Outputs = outputs,
    };

    private static string Port(TensorInfo info, string? precision) =>
        $"<port id=\"0\" precision=\"{precision ?? NameOf(info.ElementType)}\" names=\"{info.Name}\">{string.Concat(info.Shape.Select(static d => $"<dim>{d}</dim>"))}</port>";

    private static string NameOf(TensorElementType type) => type switch
    {
        TensorElementType.Float32 => "FP32",
        TensorElementType.Float16 => "FP16",
        TensorElementType.Float64 => "FP64",
        TensorElementType.Int8 => "I8",
        TensorElementType.Int16 => "I16",
        TensorElementType.Int32 => "I32",
        TensorElementType.Int64 => "I64",
        TensorElementType.UInt8 => "U8",
        TensorElementType.Boolean => "BOOL",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, message: null),
    };
}
