using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// Resizes axes of a tensor, after padding it with zeros. The attribute antialias does nothing, as in the reference
/// engine's CPU plugin; the _pillow modes widen their filter by themselves where they shrink.
/// </summary>
[OpsetLayer("Interpolate")]
internal sealed class Interpolate : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        InterpolateAttributes attributes = InterpolateAttributes.Read(layer);
        Value x = graph.Pad(layer.Input(0), Pads(attributes.PadsBegin), Pads(attributes.PadsEnd), PadMode.Constant);
        ResizedAxis[] axes = Axes(layer, x, attributes.ByScales);
        CoordinateMode coordinates = attributes.Coordinates;
        return
        [
            attributes.Mode switch
            {
                "nearest" => Resampling.Nearest(graph, x, axes, Rounding(attributes)),
                "linear" or "linear_onnx" => Resampling.Linear(graph, x, axes, coordinates),
                "cubic" => Cubic(ResampleFilter.Cubic(attributes.CubeCoefficient)),
                "bilinear_pillow" => Pillow(ResampleFilter.Triangle),
                "bicubic_pillow" => Pillow(ResampleFilter.Cubic(attributes.CubeCoefficient)),
                var other => throw new LayerException($"mode '{other}' is not known"),
            },
        ];

        long[] Pads(long[] given)
        {
            var pads = new long[layer.Input(0).Rank];
            given.AsSpan(0, Math.Min(given.Length, pads.Length)).CopyTo(pads);
            return pads;
        }

        Value Cubic(ResampleFilter filter) =>
            Resampling.Filtered(graph, x, axes, (axis, index, weights) => filter.FillClamped(weights, axis.Position(index, coordinates)));

        Value Pillow(ResampleFilter filter) =>
            Resampling.Filtered(graph, x, axes, (axis, index, weights) => filter.FillInside(weights, axis.Position(index, CoordinateMode.HalfPixel), Math.Max(1, axis.Step)));
    }

    /// <summary>Version 1: sizes, axes as an attribute. Version 4: sizes, scales, axes. Version 11: sizes or scales, axes.</summary>
    private static ResizedAxis[] Axes(LayerSource layer, Value x, bool byScales)
    {
        int axesInput = layer.Opset < 11 ? 3 : 2;
        long[] given = layer.Opset < 4 ? layer.Ints("axes")
            : axesInput < layer.Inputs.Count ? layer.ConstantInts(axesInput)
            : [.. Enumerable.Range(0, x.Rank).Select(static axis => (long)axis)];
        int[] axes = Array.ConvertAll(given, axis => Shapes.Axis(axis, x.Rank));
        float[] scales = byScales ? layer.KnownInput(axesInput - 1).ToFloats() : [];
        long[] sizes = byScales ? [] : layer.ConstantInts(1);
        if (Math.Max(scales.Length, sizes.Length) != axes.Length || axes.Distinct().Count() != axes.Length)
            throw new LayerException($"{Math.Max(scales.Length, sizes.Length)} sizes or scales do not fit axes {string.Join(',', axes)}");
        return byScales
            ? [.. axes.Zip(scales).Where(static pair => pair.Second != 1).Select(pair => ResizedAxis.ByScale(pair.First, x.Shape[pair.First], pair.Second))]
            : [.. axes.Zip(sizes).Select(pair => new ResizedAxis(pair.First, x.Shape[pair.First], pair.Second))];
    }

    private static Func<ResizedAxis, long, long> Rounding(InterpolateAttributes attributes)
    {
        return attributes.NearestMode switch
        {
            "round_prefer_floor" => (axis, index) => (long)MathF.Ceiling(At(axis, index) - 0.5f),
            "round_prefer_ceil" => (axis, index) => (long)MathF.Round(At(axis, index), MidpointRounding.AwayFromZero),
            "floor" => (axis, index) => (long)MathF.Floor(At(axis, index)),
            "ceil" => (axis, index) => (long)MathF.Ceiling(At(axis, index)),
            "simple" => (axis, index) => (long)(axis.Scale < 1 ? MathF.Ceiling(At(axis, index)) : At(axis, index)),
            var other => throw new LayerException($"nearest_mode '{other}' is not known"),
        };

        float At(ResizedAxis axis, long index) => axis.Position(index, attributes.Coordinates);
    }
}
