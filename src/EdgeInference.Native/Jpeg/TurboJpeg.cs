using System.Runtime.InteropServices;

namespace EdgeInference.Native.Jpeg;

/// <summary>The part of turbojpeg.h (libjpeg-turbo 2) that is in use.</summary>
internal static unsafe partial class TurboJpeg
{
    /// <summary>TJSAMP_420: half as many chroma samples in both directions.</summary>
    public const int Subsampling420 = 2;

    public const string Library = "libturbojpeg.so.0";

    /// <summary>
    /// Loads <paramref name="library"/> as the calls below do, from beside the program or else from the system, so that a
    /// missing one is reported with the name of its package.
    /// </summary>
    /// <exception cref="DllNotFoundException">It is not installed.</exception>
    public static void EnsureInstalled(string library)
    {
        try
        {
            NativeLibrary.Load(library, typeof(TurboJpeg).Assembly, searchPath: null);
        }
        catch (DllNotFoundException exception)
        {
            throw new DllNotFoundException(
                $"TurboJPEG ({library}) cannot be loaded: install libturbojpeg0 (Debian, Ubuntu) or libjpeg-turbo.", exception);
        }
    }

    [LibraryImport(Library, EntryPoint = "tjInitCompress")]
    public static partial TurboJpegHandle InitCompress();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    public static partial int Destroy(nint handle);

    /// <summary>
    /// Allocates <paramref name="jpeg"/> where it is null; to be freed with <see cref="Free"/> whatever is returned.
    /// </summary>
    [LibraryImport(Library, EntryPoint = "tjCompressFromYUVPlanes")]
    public static partial int CompressFromYuvPlanes(
        TurboJpegHandle handle,
        byte** planes,
        int width,
        int* strides,
        int height,
        int subsampling,
        byte** jpeg,
        CULong* size,
        int quality,
        int flags);

    [LibraryImport(Library, EntryPoint = "tjFree")]
    public static partial void Free(byte* buffer);

    /// <summary>The reason of the last failure; the text belongs to the handle.</summary>
    [LibraryImport(Library, EntryPoint = "tjGetErrorStr2")]
    public static partial byte* GetErrorText(TurboJpegHandle handle);
}

/// <summary>A compressor. Used by one thread at a time.</summary>
internal sealed class TurboJpegHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => TurboJpeg.Destroy(handle) == 0;
}
