using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>What an Interpolate of any version says, in the terms of version 4.</summary>
/// <param name="Mode">nearest, linear, linear_onnx, cubic, bilinear_pillow or bicubic_pillow.</param>
/// <param name="Coordinates">Where new elements lie on the old axis.</param>
/// <param name="NearestMode">How "nearest" rounds.</param>
/// <param name="CubeCoefficient">The cubic filter's slope.</param>
/// <param name="ByScales">Whether the file gives scales, not sizes.</param>
/// <param name="PadsBegin">Zeros to add in front, an axis each; there may be fewer than axes.</param>
/// <param name="PadsEnd">Zeros to add behind.</param>
internal sealed record InterpolateAttributes(
    string Mode,
    CoordinateMode Coordinates,
    string NearestMode,
    float CubeCoefficient,
    bool ByScales,
    long[] PadsBegin,
    long[] PadsEnd)
{
    private const float DefaultCubeCoefficient = -0.75f;

    public static InterpolateAttributes Read(LayerSource layer)
    {
        long[] begin = layer.Ints("pads_begin", 0);
        long[] end = layer.Ints("pads_end", 0);
        if (layer.Opset < 4)
            return new(layer.Text("mode"), FirstVersionCoordinates(layer, begin.Concat(end).Any(static pad => pad != 0)), "simple", DefaultCubeCoefficient, false, begin, end);
        return new(
            layer.Text("mode"),
            Parse(layer.Text("coordinate_transformation_mode", "half_pixel")),
            layer.Text("nearest_mode", "round_prefer_floor"),
            layer.Float("cube_coeff", DefaultCubeCoefficient),
            layer.Text("shape_calculation_mode") switch
            {
                "scales" => true,
                "sizes" => false,
                var other => throw new LayerException($"shape_calculation_mode '{other}' is not known"),
            },
            begin,
            end);
    }

    /// <summary>Version 1 is asymmetric, but linear interpolation elsewhere than on images' last two axes, without pads, is half_pixel.</summary>
    private static CoordinateMode FirstVersionCoordinates(LayerSource layer, bool padded)
    {
        if (layer.Flag("align_corners", true))
            return CoordinateMode.AlignCorners;
        bool image = layer.Input(0).Rank == 4 && layer.Ints("axes").Order().SequenceEqual([2, 3]);
        return layer.Text("mode") is "linear" or "linear_onnx" && !image && !padded ? CoordinateMode.HalfPixel : CoordinateMode.Asymmetric;
    }

    private static CoordinateMode Parse(string name) => name switch
    {
        "half_pixel" => CoordinateMode.HalfPixel,
        "pytorch_half_pixel" => CoordinateMode.PytorchHalfPixel,
        "asymmetric" => CoordinateMode.Asymmetric,
        "tf_half_pixel_for_nn" => CoordinateMode.TfHalfPixelForNn,
        "align_corners" => CoordinateMode.AlignCorners,
        _ => throw new LayerException($"coordinate_transformation_mode '{name}' is not known"),
    };
}
