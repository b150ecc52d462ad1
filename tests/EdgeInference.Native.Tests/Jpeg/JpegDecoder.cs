using System.Runtime.InteropServices;

namespace EdgeInference.Native.Tests.Jpeg;

/// <summary>Decodes JPEG files as any viewer does: JFIF's colours to RGB.</summary>
internal static unsafe partial class JpegDecoder
{
    private const string Library = "libturbojpeg.so.0";
    private const int PixelFormatRgb = 0;

    /// <summary>Three bytes a pixel, rows without padding.</summary>
    public static (int Width, int Height, int Subsampling, byte[] Rgb) Decode(byte[] jpeg)
    {
        nint decoder = InitDecompress();
        try
        {
            fixed (byte* source = jpeg)
            {
                int width, height, subsampling, colorSpace;
                Assert.Equal(0, DecompressHeader(decoder, source, new CULong((nuint)jpeg.Length), &width, &height, &subsampling, &colorSpace));
                byte[] rgb = new byte[width * height * 3];
                fixed (byte* target = rgb)
                    Assert.Equal(0, Decompress(decoder, source, new CULong((nuint)jpeg.Length), target, width, 0, height, PixelFormatRgb, 0));
                return (width, height, subsampling, rgb);
            }
        }
        finally
        {
            _ = Destroy(decoder);
        }
    }

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    private static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    private static partial int Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "tjDecompressHeader3")]
    private static partial int DecompressHeader(
        nint handle, byte* jpeg, CULong size, int* width, int* height, int* subsampling, int* colorSpace);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    private static partial int Decompress(
        nint handle, byte* jpeg, CULong size, byte* target, int width, int pitch, int height, int pixelFormat, int flags);
}
