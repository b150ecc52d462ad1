namespace EdgeInference.Frames;

/// <summary>The luma and chroma weights a YUV picture was made with (ITU-R BT.601 or BT.709).</summary>
public enum ColorMatrix
{
    Bt601,
    Bt709,
}

/// <summary>How a YUV picture uses its 8 bits: limited (luma 16..235, chroma 16..240) or full (0..255).</summary>
public enum ColorRange
{
    Limited,
    Full,
}
