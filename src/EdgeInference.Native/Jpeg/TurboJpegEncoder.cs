using System.Runtime.InteropServices;
using EdgeInference.Annotation;
using EdgeInference.Frames;

namespace EdgeInference.Native.Jpeg;

/// <summary>
/// Encodes with libjpeg-turbo, without a detour through RGB. Frames of other colours than JPEG's (full-range BT.601)
/// are converted, in scratch memory that is kept. Thread-safe: callers take turns, so give each stream its own.
/// </summary>
public sealed class TurboJpegEncoder : IJpegEncoder, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ColorMatrix, ColorRange), JfifColors> _colors = [];
    private TurboJpegHandle? _compressor;
    private byte[] _scratch = [];
    private bool _disposed;

    /// <summary>Finds out now, rather than with the first picture, whether libjpeg-turbo is there.</summary>
    /// <exception cref="DllNotFoundException">libturbojpeg0 is not installed.</exception>
    public static void EnsureInstalled() => TurboJpeg.EnsureInstalled(TurboJpeg.Library);

    /// <exception cref="DllNotFoundException">libturbojpeg0 is not installed.</exception>
    /// <exception cref="InvalidOperationException">libjpeg-turbo refuses the picture, which may be 65500 wide and high at most.</exception>
    public byte[] Encode(Frame frame, int quality)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _compressor ??= CreateCompressor();
            return Compress(_compressor, frame, PlanesOf(frame), quality);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _compressor?.Dispose();
        }
    }

    private static TurboJpegHandle CreateCompressor()
    {
        TurboJpeg.EnsureInstalled(TurboJpeg.Library);
        TurboJpegHandle compressor = TurboJpeg.InitCompress();
        return compressor.IsInvalid ? throw Failure("tjInitCompress", compressor) : compressor;
    }

    /// <summary>The frame's own planes, or converted ones in the scratch memory. Called with the lock held.</summary>
    private ReadOnlySpan<byte> PlanesOf(Frame frame)
    {
        if (frame is { Matrix: ColorMatrix.Bt601, Range: ColorRange.Full })
            return frame.Data.Span;

        if (!_colors.TryGetValue((frame.Matrix, frame.Range), out JfifColors? colors))
            _colors[(frame.Matrix, frame.Range)] = colors = new JfifColors(frame.Matrix, frame.Range);
        if (_scratch.Length < frame.Data.Length)
            _scratch = GC.AllocateUninitializedArray<byte>(frame.Data.Length);
        Span<byte> planes = _scratch.AsSpan(0, frame.Data.Length);
        colors.Convert(
            frame, planes[..frame.Y.Length], planes.Slice(frame.Y.Length, frame.U.Length), planes[(frame.Y.Length + frame.U.Length)..]);
        return planes;
    }

    private static unsafe byte[] Compress(TurboJpegHandle compressor, Frame frame, ReadOnlySpan<byte> planes, int quality)
    {
        byte* jpeg = null;
        CULong size = default;
        try
        {
            fixed (byte* y = planes)
            {
                byte* u = y + frame.Y.Length;
                byte** addresses = stackalloc byte*[] { y, u, u + frame.U.Length };
                int* strides = stackalloc int[] { frame.Width, frame.ChromaWidth, frame.ChromaWidth };
                int result = TurboJpeg.CompressFromYuvPlanes(
                    compressor, addresses, frame.Width, strides, frame.Height, TurboJpeg.Subsampling420, &jpeg, &size, quality, flags: 0);
                if (result != 0)
                    throw Failure("tjCompressFromYUVPlanes", compressor);
            }

            return new ReadOnlySpan<byte>(jpeg, checked((int)size.Value)).ToArray();
        }
        finally
        {
            TurboJpeg.Free(jpeg);
        }
    }

    private static unsafe InvalidOperationException Failure(string call, TurboJpegHandle compressor) =>
        new($"TurboJPEG: {call} failed: {Marshal.PtrToStringUTF8((nint)TurboJpeg.GetErrorText(compressor))}");
}
