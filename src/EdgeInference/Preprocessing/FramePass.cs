using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Preprocessing.Kernels;

namespace EdgeInference.Preprocessing;

/// <summary>Fills a tensor from a frame, row by row: convert, resample, blend and, where that cannot be written in place, pack.</summary>
internal static class FramePass<TSimd>
    where TSimd : ISimd
{
    public static void Run(FramePlan plan, Frame frame, Tensor tensor)
    {
        int plane = plan.Width * plan.Height;
        bool isPlanarFloat = tensor.ElementType == TensorElementType.Float32 && plan.Input.IsPlanar;
        plan.Rows.Clear();
        for (int y = 0; y < plan.Height; y++)
        {
            BilinearTap tap = plan.RowTaps[y];
            short[][] first = Resampled(plan, frame, tap.First);
            short[][] second = Resampled(plan, frame, tap.Second);
            int start = y * plan.Width;

            // What a row pass writes beyond its row is overwritten by the next rows, so only the plane's end matters.
            if (isPlanarFloat && start + plan.RowStride <= plane)
            {
                Blend(plan, tap, first, second, tensor.Elements<float>()[start..], plane);
            }
            else
            {
                Blend(plan, tap, first, second, plan.Row, plan.RowStride);
                Pack(plan, tensor, y);
            }
        }
    }

    private static short[][] Resampled(FramePlan plan, Frame frame, int row)
    {
        SourceRows.Slot slot = plan.Rows[row];
        if (slot.Row == row)
            return slot.Channels;

        byte[][] levels = plan.Rows.Levels;
        ReadOnlySpan<byte> y = frame.Y.Slice(row * frame.Width, frame.Width);
        if (levels.Length == 1)
        {
            RowPasses<TSimd>.ToGray(y, plan.Matrix, levels[0]);
        }
        else
        {
            int chromaStart = row / 2 * frame.ChromaWidth;
            RowPasses<TSimd>.ToRgb(y, frame.U[chromaStart..], frame.V[chromaStart..], plan.Matrix, levels[plan.RedChannel], levels[1], levels[2 - plan.RedChannel]);
        }

        for (int channel = 0; channel < levels.Length; channel++)
            RowPasses<TSimd>.Gather(levels[channel], plan.Rows.Gather, slot.Channels[channel]);
        slot.Row = row;
        return slot.Channels;
    }

    private static void Blend(FramePlan plan, BilinearTap tap, short[][] first, short[][] second, Span<float> destination, int channelStride)
    {
        for (int channel = 0; channel < first.Length; channel++)
        {
            Normalization normalization = plan.Normalizations[channel];
            var weights = new BlendWeights(tap.FirstWeight, tap.SecondWeight, normalization.Scale, normalization.Offset);
            RowPasses<TSimd>.Blend(first[channel], second[channel], weights, ref destination[channel * channelStride]);
        }
    }

    private static void Pack(FramePlan plan, Tensor tensor, int y)
    {
        if (tensor.ElementType == TensorElementType.Float32)
        {
            Place<float>(plan, plan.Row, tensor.Elements<float>(), y);
            return;
        }

        RowPacker.ToBytes(plan.Row, plan.RowBytes);
        Place<byte>(plan, plan.RowBytes, tensor.Elements<byte>(), y);
    }

    private static void Place<T>(FramePlan plan, ReadOnlySpan<T> row, Span<T> tensor, int y)
        where T : unmanaged
    {
        int width = plan.Width;
        int stride = plan.RowStride;
        if (!plan.Input.IsPlanar)
        {
            RowPacker.Interleave(row[..width], row.Slice(stride, width), row.Slice(2 * stride, width), tensor.Slice(3 * y * width, 3 * width));
            return;
        }

        for (int channel = 0; channel < plan.Input.Channels; channel++)
            row.Slice(channel * stride, width).CopyTo(tensor[(((channel * plan.Height) + y) * width)..]);
    }
}
