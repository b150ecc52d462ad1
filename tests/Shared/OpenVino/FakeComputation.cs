using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.TestSupport.OpenVino;

/// <summary>What the fake OpenVINO computes: the formulas of tests/OpenVinoFake/compute.c in C#.</summary>
internal static class FakeComputation
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    public static (long[] Shape, byte[] Bytes) Run(IReadOnlyList<Tensor> inputs, TensorInfo output, int index)
    {
        ulong digest = Digest(inputs);
        long[] shape = ShapeOf(inputs, output, digest);
        long count = shape.Aggregate(1L, static (product, dimension) => product * dimension);
        byte[] bytes = new byte[count * output.ElementType.Size()];
        if (IsDetection(output))
            WriteDetections(digest, index, output.Shape[2], MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
        else
        {
            for (int j = 0; j < count; j++)
                Write(output.ElementType, bytes, j, Number(digest, index, (ulong)j));
        }

        return (shape, bytes);
    }

    private static ulong Mix(ulong z)
    {
        z ^= z >> 30;
        z *= 0xBF58476D1CE4E5B9;
        z ^= z >> 27;
        z *= 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Digest(IReadOnlyList<Tensor> inputs)
    {
        ulong h = Golden;
        Span<byte> last = stackalloc byte[8];
        foreach (Tensor input in inputs)
        {
            ReadOnlySpan<byte> bytes = input.Bytes;
            h = Mix(h ^ (ulong)bytes.Length);
            for (; bytes.Length >= 8; bytes = bytes[8..])
                h = (h ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0x100000001B3;
            if (!bytes.IsEmpty)
            {
                last.Clear();
                bytes.CopyTo(last);
                h = (h ^ BinaryPrimitives.ReadUInt64LittleEndian(last)) * 0x100000001B3;
            }

            h = Mix(h);
        }

        return h;
    }

    private static ulong Number(ulong digest, int output, ulong element) => Mix(digest + ((ulong)output * 0xD1B54A32D192ED03) + (element * Golden));

    private static double Unit(ulong r) => (r >> 40) / 16777216.0;

    private static long[] ShapeOf(IReadOnlyList<Tensor> inputs, TensorInfo output, ulong digest)
    {
        long[] first = inputs.Count > 0 ? inputs[0].Shape.ToArray() : [];
        long[] shape = [.. output.Shape.Select((dimension, axis) => dimension >= 0 ? dimension : axis < first.Length ? first[axis] : 1)];
        if (IsDetection(output) && output.Shape[2] < 0)
            shape[2] = Detections(digest, -1) + 1;
        return shape;
    }

    private static bool IsDetection(TensorInfo output) =>
        output is { ElementType: TensorElementType.Float32, Shape: [1, 1, _, 7] };

    private static long Detections(ulong digest, long rows) =>
        rows == 1 ? 1 : 1 + (long)((digest >> 8) % (ulong)(rows is < 0 or > 4 ? 3 : rows - 1));

    private static void WriteDetections(ulong digest, int output, long declaredRows, Span<float> rows)
    {
        long count = Detections(digest, declaredRows);
        for (int i = 0; i < count; i++)
        {
            double[] u = [.. Enumerable.Range(8 * i, 6).Select(element => Unit(Number(digest, output, (ulong)element)))];
            Span<float> row = rows.Slice(7 * i, 7);
            row[1] = 1 + (int)(20 * u[0]);
            row[2] = (float)(i == 0 ? 0.6 + (0.4 * u[1]) : 0.3 + (0.7 * u[1]));
            row[3] = (float)(0.5 * u[2]);
            row[4] = (float)(0.5 * u[3]);
            row[5] = (float)((0.5 * u[2]) + 0.05 + (0.4 * u[4]));
            row[6] = (float)((0.5 * u[3]) + 0.05 + (0.4 * u[5]));
        }

        if (7 * count < rows.Length)
            rows[(int)(7 * count)] = -1;
    }

    private static void Write(TensorElementType type, byte[] bytes, int j, ulong r)
    {
        Span<byte> element = bytes.AsSpan(j * type.Size());
        switch (type)
        {
            case TensorElementType.Float32:
                BinaryPrimitives.WriteSingleLittleEndian(element, (float)Unit(r));
                break;
            case TensorElementType.Float64:
                BinaryPrimitives.WriteDoubleLittleEndian(element, Unit(r));
                break;
            case TensorElementType.Float16:
                BinaryPrimitives.WriteHalfLittleEndian(element, (Half)((r >> 54) / 1024.0));
                break;
            case TensorElementType.Int16:
                BinaryPrimitives.WriteInt16LittleEndian(element, (short)((r >> 40) % 1000));
                break;
            case TensorElementType.Int32:
                BinaryPrimitives.WriteInt32LittleEndian(element, (int)((r >> 40) % 1000));
                break;
            case TensorElementType.Int64:
                BinaryPrimitives.WriteInt64LittleEndian(element, (long)((r >> 40) % 1000));
                break;
            case TensorElementType.Boolean:
                element[0] = (byte)(r >> 63);
                break;
            default:
                element[0] = (byte)(r >> 57);
                break;
        }
    }
}
