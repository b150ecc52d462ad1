using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// A convolution whose kernel elements each look where an offset (input 1: y and x for each element, one set for each
/// deformable group) moves them, since opset 8 weighted by a mask (input 3). The image is sampled at those places first;
/// what is left is a convolution over all the samples of a place with a kernel of 1.
/// </summary>
[OpsetLayer("DeformableConvolution")]
internal sealed class DeformableConvolution : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value x, Value offsets, Value weights) = (layer.Input(0), layer.Input(1), layer.Input(2));
        if (x.Rank != 4 || weights.Rank != 4 || offsets.Rank != 4 || !weights.IsStatic || x.Shape.Skip(1).Any(static size => size < 1))
            throw new LayerException($"input {Shapes.Describe(x.Shape)}, offsets {Shapes.Describe(offsets.Shape)} and weights {Shapes.Describe(weights.Shape)} are not supported");
        Window window = OpsetWindow.ForConvolution(layer, x.Shape, [.. weights.Shape.Skip(2)]);
        long[] sizes = window.OutputSizes(x.Shape);
        long elements = Shapes.Count(window.Kernel);
        long groups = layer.Int("deformable_group", 1);
        if (groups < 1 || x.Shape[1] % groups != 0 || !Shapes.Agree(offsets.Shape, [x.Shape[0], checked(groups * elements * 2), .. sizes]))
            throw new LayerException($"offsets {Shapes.Describe(offsets.Shape)} do not fit {groups} deformable groups and the output's {Shapes.Describe(sizes)}");

        // All groups of all images one after another, the samples of each kernel element below those of the one before.
        bool zerosAround = layer.Flag("bilinear_interpolation_pad", false);
        Value places = Places(graph, offsets, window, sizes);
        Value images = graph.Reshape(x, [Shapes.Unknown, x.Shape[1] / groups, x.Shape[2], x.Shape[3]]);
        Value samples = graph.GridSample(images, Grid(graph, places, x), "bilinear", zerosAround ? "zeros" : "border", alignCorners: false);
        if (!zerosAround)
            samples = graph.Multiply(samples, Inside(graph, places, x));
        if (layer.Inputs.Count > 3)
            samples = graph.Multiply(samples, graph.Reshape(layer.Input(3), [Shapes.Unknown, 1, elements * sizes[0], sizes[1]]));

        Value columns = graph.Reshape(samples, [x.Shape[0], checked(x.Shape[1] * elements), .. sizes]);
        Value kernel = graph.Reshape(weights, [weights.Shape[0], checked(weights.Shape[1] * elements), 1, 1]);
        return [graph.Convolution(columns, kernel, null, new Window([1, 1], [1, 1], [1, 1], [0, 0], [0, 0]), layer.Int("group", 1))];
    }

    /// <summary>Where the samples are taken, in pixels: [images * groups, elements, y and x, output height, output width].</summary>
    private static Value Places(GraphBuilder graph, Value offsets, Window window, long[] sizes)
    {
        long elements = Shapes.Count(window.Kernel);
        Value y = Regular(graph, window, 0, sizes[0], [window.Kernel[0], 1, 1, sizes[0], 1]);
        Value x = Regular(graph, window, 1, sizes[1], [1, window.Kernel[1], 1, 1, sizes[1]]);
        long[] whole = [.. window.Kernel, 1, .. sizes];
        Value regular = graph.Reshape(graph.Concat([graph.Expand(y, whole), graph.Expand(x, whole)], 2), [elements, 2, .. sizes]);
        return graph.Add(graph.Reshape(offsets, [Shapes.Unknown, elements, 2, .. sizes]), regular);
    }

    /// <summary>Along one axis, the pixel under each kernel element for each output, without offsets.</summary>
    private static Value Regular(GraphBuilder graph, Window window, int axis, long size, long[] shape)
    {
        Value starts = graph.Range((float)-window.PadsBegin[axis], (size * window.Strides[axis]) - window.PadsBegin[axis], window.Strides[axis]);
        Value steps = graph.Range(0f, window.Kernel[axis] * window.Dilations[axis], window.Dilations[axis]);
        return graph.Reshape(graph.Add(graph.Reshape(steps, [window.Kernel[axis], 1]), starts), shape);
    }

    /// <summary>The places as x and y from -1 to 1 between the image's outer edges, where a pixel's centre is half a pixel inside.</summary>
    private static Value Grid(GraphBuilder graph, Value places, Value x)
    {
        AxisSlice[] swapped = [.. places.Shape.Select(static (size, axis) => axis == 2 ? new AxisSlice(1, -1, 2) : AxisSlice.Whole(size))];
        Value factors = graph.Constant(Constant.Floats([2f / x.Shape[3], 2f / x.Shape[2]], 2));
        Value terms = graph.Constant(Constant.Floats([(1f / x.Shape[3]) - 1, (1f / x.Shape[2]) - 1], 2));
        Value last = graph.Transpose(graph.Slice(places, swapped), [0, 1, 3, 4, 2]);
        Value rows = graph.Reshape(last, [Shapes.Unknown, places.Shape[1] * places.Shape[3], places.Shape[4], 2]);
        return graph.Add(graph.Multiply(rows, factors), terms);
    }

    /// <summary>1 where a place is in the image, else 0: not before its first pixel's centre, and less than one behind its last.</summary>
    private static Value Inside(GraphBuilder graph, Value places, Value x)
    {
        Value ends = graph.Constant(Constant.Floats([x.Shape[2], x.Shape[3]], 2, 1, 1));
        Value inside = graph.Logical("And", graph.Compare("GreaterOrEqual", places, graph.Float(0)), graph.Compare("Less", places, ends));
        Value both = graph.Reduce("ReduceMin", graph.Cast(inside, TensorElementType.Float32), [2], keepDimensions: false);
        return graph.Reshape(both, [Shapes.Unknown, 1, places.Shape[1] * places.Shape[3], places.Shape[4]]);
    }
}
