using EdgeInference.Inference;

namespace EdgeInference.Models.Ir;

/// <summary>An IR that OpenVINO reads by itself, which it does from version 10 on: only what goes in and out is described here.</summary>
internal static class UntranslatedIr
{
    /// <param name="document">The file as it is.</param>
    /// <param name="path">The .xml file.</param>
    /// <param name="options">How it is to be read.</param>
    /// <returns>Null where the file has to be translated to be what the options ask for.</returns>
    /// <exception cref="ModelException">The model has no outputs, or one that nothing feeds.</exception>
    public static InferenceModel? Describe(IrDocument document, string path, ModelFileOptions options)
    {
        if (document.IsLegacy || (options.InputShapes is { Count: > 0 } && IrInputShapes.FindOpen(document) is not null))
            return null;

        IrSource[] inputs = [.. document.Layers.Where(IrInputShapes.IsInput).Select(static layer => new IrSource(layer, 0))];
        IrSource[] outputs = [.. Results(document, path)];
        if (outputs.Length == 0)
            throw new ModelException($"{path}: the model has no outputs.");
        TensorInfo[] inputInfos = Describe(inputs, InterfaceTypes.OfInput, floats: false);
        TensorInfo[] outputInfos = Describe(outputs, InterfaceTypes.OfOutput, floats: false);
        if (options.FloatInterface
            && !(SameTypes(inputInfos, Describe(inputs, InterfaceTypes.OfInput, floats: true)) && SameTypes(outputInfos, Describe(outputs, InterfaceTypes.OfOutput, floats: true))))
        {
            return null;
        }

        return new InferenceModel
        {
            Name = document.Name,
            Path = path,
            Format = $"IR v{document.Version}, {IrPrecision.Of(document)}",
            Onnx = ReadOnlyMemory<byte>.Empty,
            Inputs = inputInfos,
            Outputs = outputInfos,
            DetectionOutputs = [.. Enumerable.Range(0, outputs.Length).Where(i => outputs[i].Layer.Type == "DetectionOutput")],
        };

        TensorInfo[] Describe(IrSource[] sources, Func<int, string, bool, TensorElementType> typeOf, bool floats) =>
            [.. sources.Select(source => new TensorInfo(source.Name, typeOf(document.Version, source.Port.Precision, floats), source.Port.Shape))];
    }

    /// <summary>What feeds the Result layers, in the order of those.</summary>
    private static IEnumerable<IrSource> Results(IrDocument document, string path)
    {
        var ports = new IrPorts(document.Layers, path);
        foreach (IrLayer result in document.Layers.Where(static layer => layer.Type == "Result"))
        {
            IrEdge edge = document.Edges.FirstOrDefault(edge => edge.ToLayer == result.Id, new IrEdge(-1, -1, -1, -1));
            int layer = ports.Layer(edge.FromLayer);
            int output = layer < 0 ? -1 : ports.Output(layer, edge.FromPort);
            if (output < 0)
                throw new ModelException($"{path}: no edge feeds layer '{result.Name}' (Result).");
            yield return new IrSource(document.Layers[layer], output);
        }
    }

    private static bool SameTypes(TensorInfo[] some, TensorInfo[] others) =>
        some.Select(static info => info.ElementType).SequenceEqual(others.Select(static info => info.ElementType));
}
