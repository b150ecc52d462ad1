using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Capture;

/// <summary>Who decodes: the processor, or an Intel graphics unit through VA-API.</summary>
public enum VideoDecoder
{
    Software,
    Vaapi,
}

/// <summary>Which YUV weights a source's pictures are taken to have.</summary>
public enum SourceColorMatrix
{
    /// <summary>What the stream declares; BT.601, which OpenCV takes for every video, where it declares nothing.</summary>
    Auto,
    Bt601,
    Bt709,
}

/// <summary>What carries the pictures of an RTSP stream.</summary>
public enum RtspTransport
{
    Tcp,
    Udp,
}

/// <summary>Where a stream's pictures come from.</summary>
public sealed partial class SourceOptions
{
    /// <summary>
    /// A video file, a folder of images (.jpg, .jpeg, .png, .bmp, in the order of their names), a camera (/dev/video0,
    /// or just 0), or an rtsp://, rtsps://, http:// or https:// address. A password in an
    /// address appears in no log, message or argument of another program. Where the picture size changes in mid-stream, what
    /// comes is scaled to the first size, until the source is opened again. Required.
    /// </summary>
    [Required(ErrorMessage = "is required: a video file, a folder of images, a camera or an address")]
    public string Input { get; set; } = "";

    /// <summary>
    /// What a camera is asked to send: a pixel format or codec by ffmpeg's name, such as yuyv422 or mjpeg.
    /// Default: the camera's own choice. Cameras only.
    /// </summary>
    [RegularExpression("^[A-Za-z0-9_]+$", ErrorMessage = "{0} is a format by ffmpeg's name, such as yuyv422 or mjpeg.")]
    public string? Format { get; set; }

    /// <summary>The picture size a camera is asked for, such as 1280x720. Default: the camera's own choice. Cameras only.</summary>
    [RegularExpression("^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$", ErrorMessage = "{0} is width x height, such as 1280x720.")]
    public string? Size { get; set; }

    /// <summary>
    /// Pictures a second, above 0 up to 1000: what a camera is asked for, or the pace of an image folder played in real time.
    /// Default: the camera's own choice; 25 for a folder.
    /// </summary>
    [Range(0.001, 1000)]
    public double? Rate { get; set; }

    /// <summary>Begin a file or image folder again whenever it ends. Default: false.</summary>
    public bool Loop { get; set; }

    /// <summary>
    /// Play a file or image folder at its own rate instead of as fast as it can be processed. Every picture is still
    /// delivered: where processing is slower than that rate, the file waits. Default: false.
    /// </summary>
    public bool RealTime { get; set; }

    /// <summary>Software or Vaapi. Default: Software. With Vaapi a device that does not work is an error, not a fallback.</summary>
    public VideoDecoder Decoder { get; set; }

    /// <summary>The render device that Vaapi decodes on. Default: /dev/dri/renderD128.</summary>
    public string VaapiDevice { get; set; } = "/dev/dri/renderD128";

    /// <summary>
    /// Threads of the software decoder, 0 to 64; 0 is ffmpeg's choice, one a core. Default: 1, which costs the least
    /// processor time and delay a picture; more are for a stream that one core cannot decode in time.
    /// </summary>
    [Range(0, 64)]
    public int DecoderThreads { get; set; } = 1;

    /// <summary>Auto, Bt601 or Bt709. Default: Auto.</summary>
    public SourceColorMatrix ColorMatrix { get; set; }

    /// <summary>Tcp or Udp. Default: Tcp, which loses no packets where the network can carry the stream.</summary>
    public RtspTransport RtspTransport { get; set; }

    /// <summary>
    /// How long a camera or network stream may take to its first picture, 0.1 seconds to 10 minutes. Default: 10 seconds.
    /// Later it counts as unreachable.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a camera or network stream may go without a picture, 0.1 seconds to 10 minutes. Default: 10 seconds.
    /// Later it counts as lost.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
