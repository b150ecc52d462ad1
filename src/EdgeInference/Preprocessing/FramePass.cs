using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Preprocessing.Kernels;

namespace EdgeInference.Preprocessing;

/// <summary>Fills a tensor from a frame, row by row: blend, convert and, where the kernel cannot write in place, pack.</summary>
internal static class FramePass<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : struct
{
    public static void Run(FramePlan plan, Frame frame, Tensor tensor)
    {
        int plane = plan.Width * plan.Height;
        bool isPlanarFloat = tensor.ElementType == TensorElementType.Float32 && plan.Input.IsPlanar;
        for (int y = 0; y < plan.Height; y++)
        {
            Blend(plan, plan.RowTaps[y], frame);
            int start = y * plan.Width;

            // What a row pass writes beyond its row is overwritten by the next rows, so only the plane's end matters.
            if (isPlanarFloat && start + plan.RowStride <= plane)
            {
                RowPasses<TSimd, TVector>.Convert(plan.Rows, plan.Channels, plan.Width, ref tensor.Elements<float>()[start], plane);
            }
            else
            {
                RowPasses<TSimd, TVector>.Convert(plan.Rows, plan.Channels, plan.Width, ref plan.Row[0], plan.RowStride);
                Pack(plan, tensor, y);
            }
        }
    }

    private static void Blend(FramePlan plan, BilinearTap tap, Frame frame)
    {
        RowBuffers rows = plan.Rows;
        RowPasses<TSimd, TVector>.Blend(frame.Y, frame.Width, tap, rows.Luma);
        if (plan.Input.Channels == 1)
            return;
        BilinearTap chromaTap = tap.ToChroma();
        RowPasses<TSimd, TVector>.Blend(frame.U, frame.ChromaWidth, chromaTap, rows.U);
        RowPasses<TSimd, TVector>.Blend(frame.V, frame.ChromaWidth, chromaTap, rows.V);
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
