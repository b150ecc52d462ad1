using System.Runtime.Intrinsics;

namespace EdgeInference.Models.Passes.OnnxRuntime;

/// <summary>How many channels ONNX Runtime lays side by side: the floats of one vector register.</summary>
internal static class ChannelBlock
{
    public static int Size => Vector512.IsHardwareAccelerated ? 16 : 8;

    /// <summary>The next whole number of blocks.</summary>
    public static int Widen(int channels) => checked((channels + Size - 1) / Size * Size);
}
