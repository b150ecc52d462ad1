using EdgeInference.Frames;

namespace EdgeInference.Annotation;

/// <summary>Encodes a frame's planes as they are (4:2:0, no colour conversion) into a JPEG file.</summary>
public interface IJpegEncoder
{
    /// <param name="frame">The picture.</param>
    /// <param name="quality">1 (smallest) to 100 (best).</param>
    byte[] Encode(Frame frame, int quality);
}
