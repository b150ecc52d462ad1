using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>The declared sizes rule: rounding_type is not looked at.</summary>
[LegacyLayer("Pooling")]
internal sealed class Pooling : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] declared = layer.DeclaredShape();
        Window written = LegacyWindow.Read(layer, x.Shape);
        if (declared.Length != x.Rank || !x.IsStatic || declared.Any(static d => d < 1))
            throw new LayerException($"input {Shapes.Describe(x.Shape)} cannot become {Shapes.Describe(declared)}");
        Window window = written.Fit(x.Shape, declared[2..]);
        switch (layer.Text("pool-method", "max"))
        {
            case "max":
                return [graph.MaxPool(x, window)];
            case "avg" when layer.Flag("exclude-pad", false) || written.PadsBegin.All(static p => p == 0):
                return [graph.AveragePool(x, window, countPads: false)];
            case "avg":
                Value average = graph.AveragePool(x, window, countPads: true);
                return [Correction(written, x.Shape, average.Shape) is { } correction ? graph.Multiply(average, graph.Constant(correction)) : average];
            case var other:
                throw new LayerException($"pool-method '{other}' is not known");
        }
    }

    /// <summary>
    /// Kernel size / divisor for each window. The divisor follows Caffe: cells up to the input's end plus the *begin* pad
    /// count, whatever the end pad is. Null where that is the kernel size everywhere.
    /// </summary>
    private static Constant? Correction(Window window, IReadOnlyList<long> input, IReadOnlyList<long> output)
    {
        float[] correction = [1];
        for (int axis = 0; axis < window.Rank; axis++)
        {
            var factors = new float[Shapes.Length(output[axis + 2])];
            for (int i = 0; i < factors.Length; i++)
            {
                long start = (i * window.Strides[axis]) - window.PadsBegin[axis];
                long end = Math.Min(start + window.Kernel[axis], input[axis + 2] + window.PadsBegin[axis]);
                if (end <= start)
                    throw new LayerException("a window would lie wholly in the padding, where there is nothing to average");
                factors[i] = window.Kernel[axis] / (float)(end - start);
            }

            _ = Shapes.Length(checked((long)correction.Length * factors.Length));
            correction = [.. correction.SelectMany(outer => factors.Select(factor => outer * factor))];
        }

        return correction.All(static factor => factor == 1) ? null : Constant.Floats(correction, [1, 1, .. output.Skip(2)]);
    }
}
