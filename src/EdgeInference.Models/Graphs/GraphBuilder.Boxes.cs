using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>Choosing boxes, and pooling what lies in them.</summary>
internal sealed partial class GraphBuilder
{
    /// <summary>Of each class the best boxes that do not overlap a better one by more than a part of their union.</summary>
    /// <param name="boxes">[N, boxes, 4]: two opposite corners, or centre and size.</param>
    /// <param name="scores">[N, classes, boxes].</param>
    /// <param name="most">Most boxes of a class: one Int64.</param>
    /// <param name="overlap">How large a part, from 0 to 1.</param>
    /// <param name="threshold">What scores must be above; null for any score.</param>
    /// <param name="centered">Whether boxes are centre and size.</param>
    /// <returns>Int64 [kept, 3]: image, class and box, by image, class, and score downwards.</returns>
    public Value NonMaxSuppression(Value boxes, Value scores, Value most, Value overlap, Value? threshold, bool centered)
    {
        if (boxes.Rank != 3 || scores.Rank != 3 || !Shapes.Agree(boxes.Shape, [scores.Shape[0], scores.Shape[2], 4]))
            throw new LayerException($"boxes {Shapes.Describe(boxes.Shape)} and scores {Shapes.Describe(scores.Shape)} do not fit together");
        return Add("NonMaxSuppression", [boxes, scores, most, overlap, threshold], TensorElementType.Int64, [Shapes.Unknown, 3], ("center_point_box", centered ? 1L : 0L));
    }

    /// <summary>A vector sorted downwards with the elements' old places as Int64; of equal ones the first come first.</summary>
    public (Value Values, Value Indices) SortDescending(Value x)
    {
        var values = new Value(LayerName, x.ElementType, [.. x.Shape]);
        var indices = new Value(LayerName, TensorElementType.Int64, [.. x.Shape]);
        Add(new Node("TopK", [x, ShapeOf(x, TensorElementType.Int64)], [values, indices], [("axis", 0L)]));
        return (values, indices);
    }

    /// <summary>The largest element in each cell of a region of whole numbers, borders included.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="regions">[regions, 5]: image, first column and row, last column and row.</param>
    /// <returns>[regions, C, 1, 1].</returns>
    public Value MaxOfRegions(Value x, Value regions) =>
        Add("MaxRoiPool", [x, regions], x.ElementType, [regions.Shape[0], x.Shape[1], 1, 1], ("pooled_shape", (long[])[1, 1]));

    /// <summary>The mean of bilinear samples in each cell of a region.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="regions">[regions, 4]: two opposite corners.</param>
    /// <param name="images">The image of each region, Int64.</param>
    /// <param name="options">The cells and their samples.</param>
    /// <returns>[regions, C, cells down, cells across].</returns>
    public Value RoiAlign(Value x, Value regions, Value images, RoiAlignOptions options)
    {
        if (x.Rank != 4 || regions.Rank != 2 || images.Rank != 1 || !Shapes.Agree(regions.Shape, [images.Shape[0], 4]))
            throw new LayerException($"features {Shapes.Describe(x.Shape)}, regions {Shapes.Describe(regions.Shape)} and images {Shapes.Describe(images.Shape)} do not fit together");
        return Add(
            "RoiAlign",
            [x, regions, images],
            x.ElementType,
            [regions.Shape[0], x.Shape[1], options.Height, options.Width],
            ("coordinate_transformation_mode", options.HalfPixel ? "half_pixel" : "output_half_pixel"),
            ("output_height", options.Height),
            ("output_width", options.Width),
            ("sampling_ratio", options.Samples),
            ("spatial_scale", options.Scale));
    }

    /// <summary>The nearest whole number, halves away from zero.</summary>
    public Value RoundAwayFromZero(Value x)
    {
        if (x.ElementType != TensorElementType.Float32)
            return x;

        // Not floor(|x| + 0.5): for the float just below a half that sum is rounded to 1.
        Value size = Unary("Abs", x);
        Value whole = Unary("Floor", size);
        Value up = Cast(Compare("GreaterOrEqual", Subtract(size, whole), Float(0.5f)), x.ElementType);
        return Multiply(Unary("Sign", x), Add(whole, up));
    }
}

/// <summary>How <see cref="GraphBuilder.RoiAlign"/> divides a region.</summary>
/// <param name="Height">Cells down.</param>
/// <param name="Width">Cells across.</param>
/// <param name="Samples">Samples of a cell on each axis; 0 for as many as it has elements.</param>
/// <param name="Scale">Elements in a unit of the regions' coordinates.</param>
/// <param name="HalfPixel">Whether whole numbers are borders of elements, not their centres.</param>
internal sealed record RoiAlignOptions(long Height, long Width, long Samples, float Scale, bool HalfPixel);
