using EdgeInference.Inference;

namespace EdgeInference.Models.Tests.Layers;

/// <summary>Resizing one axis after the other, an element at a time.</summary>
internal static class PlainResize
{
    /// <param name="input">Floats.</param>
    /// <param name="axis">The axis to resize.</param>
    /// <param name="newSize">Its new size.</param>
    /// <param name="element">A new element by its index and the old ones along the axis.</param>
    public static Tensor Along(Tensor input, int axis, int newSize, Func<int, float[], double> element)
    {
        long[] shape = input.Shape.ToArray();
        int size = (int)shape[axis];
        int inner = (int)shape[(axis + 1)..].Aggregate(1L, static (product, d) => product * d);
        shape[axis] = newSize;
        var result = new Tensor(TensorElementType.Float32, shape);
        float[] values = input.Elements<float>().ToArray();
        for (int i = 0; i < result.Count; i++)
        {
            int outer = i / (inner * newSize);
            float[] line = [.. Enumerable.Range(0, size).Select(k => values[(((outer * size) + k) * inner) + (i % inner)])];
            result.Elements<float>()[i] = (float)element(i / inner % newSize, line);
        }

        return result;
    }

    public static double Position(string mode, int index, int size, int newSize, double scale) => mode switch
    {
        _ when size == newSize => index,
        "half_pixel" => ((index + 0.5) / scale) - 0.5,
        "pytorch_half_pixel" => newSize == 1 ? 0 : ((index + 0.5) / scale) - 0.5,
        "asymmetric" => index / scale,
        "tf_half_pixel_for_nn" => (index + 0.5) / scale,
        "align_corners" => newSize == 1 ? 0 : index * (size - 1.0) / (newSize - 1),
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };

    public static double Linear(double position, float[] line)
    {
        double inside = Math.Clamp(position, 0, line.Length - 1);
        int left = (int)inside;
        int right = Math.Min(left + 1, line.Length - 1);
        return line[left] + ((inside - left) * (line[right] - line[left]));
    }

    /// <summary>The Lagrange-like form of cubic convolution, edges repeated.</summary>
    public static double Cubic(double position, float[] line, double a)
    {
        int floor = (int)Math.Floor(position);
        double t = position - floor;
        double[] weights =
        [
            a * t * (1 - t) * (1 - t),
            1 - ((a + 3) * t * t) + ((a + 2) * t * t * t),
            (-a * t) + (((2 * a) + 3) * t * t) - ((a + 2) * t * t * t),
            a * t * t * (1 - t),
        ];
        return weights.Select((weight, k) => weight * line[Math.Clamp(floor - 1 + k, 0, line.Length - 1)]).Sum();
    }
}
