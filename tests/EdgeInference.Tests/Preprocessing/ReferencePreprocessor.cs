using EdgeInference.Frames;
using EdgeInference.Preprocessing;

namespace EdgeInference.Tests.Preprocessing;

/// <summary>
/// What <see cref="Preprocessor"/> computes, written to be read, one pixel after another: conversion as swscale does it
/// on x86, resizing as OpenCV does it for 8 bits. The kernel is tested and measured against it.
/// </summary>
internal static class ReferencePreprocessor
{
    /// <summary>Fills an NCHW or NHWC tensor of one or three channels with values that are not rounded.</summary>
    public static void Run(Frame frame, PreprocessingOptions options, int channels, int width, int height, bool isNhwc, Span<double> tensor)
    {
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    int index = isNhwc ? (((y * width) + x) * channels) + channel : (((channel * height) + y) * width) + x;
                    double mean = options.Mean.Length == 0 ? 0 : options.Mean[options.Mean.Length == 1 ? 0 : channel];
                    double scale = options.Scale.Length == 0 ? 1 : options.Scale[options.Scale.Length == 1 ? 0 : channel];
                    Color color = channels == 1 ? Color.Gray : (Color)(options.ColorOrder == ColorOrder.Bgr ? channel : 2 - channel);
                    tensor[index] = (Resized(frame, color, x, y, width, height) - mean) * scale;
                }
            }
        }
    }

    private static int Resized(Frame frame, Color color, int x, int y, int width, int height)
    {
        (int left, int right, int leftWeight, int rightWeight) = Neighbours(x, frame.Width, width);
        (int top, int bottom, int topWeight, int bottomWeight) = Neighbours(y, frame.Height, height);
        int upper = (Level(frame, color, left, top) * leftWeight) + (Level(frame, color, right, top) * rightWeight);
        int lower = (Level(frame, color, left, bottom) * leftWeight) + (Level(frame, color, right, bottom) * rightWeight);
        return ((((upper >> 4) * topWeight) >> 16) + (((lower >> 4) * bottomWeight) >> 16) + 2) >> 2;
    }

    private static (int First, int Second, int FirstWeight, int SecondWeight) Neighbours(int target, int source, int size)
    {
        float position = (float)(((target + 0.5) * (1 / ((double)size / source))) - 0.5);
        int floor = (int)Math.Floor(position);
        float fraction = position - floor;
        return (
            Math.Clamp(floor, 0, source - 1),
            Math.Clamp(floor + 1, 0, source - 1),
            (int)Math.Round((1 - fraction) * 2048.0),
            (int)Math.Round(fraction * 2048.0));
    }

    private static int Level(Frame frame, Color color, int x, int y)
    {
        (double lumaGain, double chromaGain, int black) = frame.Range == ColorRange.Limited ? (255.0 / 219, 255.0 / 224, 16) : (1, 1, 0);
        (double kr, double kb) = frame.Matrix == ColorMatrix.Bt709 ? (0.2126, 0.0722) : (0.299, 0.114);
        int chroma = (y / 2 * frame.ChromaWidth) + (x / 2);
        int u = frame.U[chroma] - 128;
        int v = frame.V[chroma] - 128;
        double redOfV = 2 * (1 - kr) * chromaGain;
        double blueOfU = 2 * (1 - kb) * chromaGain;
        int luma = Term(frame.Y[(y * frame.Width) + x] - black, lumaGain);
        int level = color switch
        {
            Color.Red => luma + Term(v, redOfV),
            Color.Green => luma + Term(u, -blueOfU * kb / (1 - kr - kb)) + Term(v, -redOfV * kr / (1 - kr - kb)),
            Color.Blue => luma + Term(u, blueOfU),
            _ => luma,
        };
        return Math.Clamp(level, 0, 255);
    }

    /// <summary>The product, rounded down, with a factor of 13 bits after the point.</summary>
    private static int Term(int sample, double factor) => (8 * sample * (int)Math.Round(factor * 8192)) >> 16;

    private enum Color
    {
        Blue,
        Green,
        Red,
        Gray,
    }
}
