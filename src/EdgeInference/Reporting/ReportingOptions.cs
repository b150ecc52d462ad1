using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Reporting;

/// <summary>Which frames are reported.</summary>
public enum ReportWhen
{
    /// <summary>Every interval.</summary>
    Always,

    /// <summary>Only when the function found something.</summary>
    Detections,

    /// <summary>Only when what was found differs from the last report: other classes, or another number of objects.</summary>
    Change,
}

/// <summary>When and how a stream reports.</summary>
public class ReportingOptions
{
    /// <summary>Least time between two reports; 0 reports every frame.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ReportingInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Which frames are reported once the interval has passed.</summary>
    public ReportWhen ReportWhen { get; set; } = ReportWhen.Always;

    /// <summary>Decimals of the numbers in a report, inference_fps excepted.</summary>
    [Range(0, 9)]
    public int Decimals { get; set; } = 2;

    /// <summary>Adds id, stream and model at the end of each report.</summary>
    public bool IncludeId { get; set; }

    /// <summary>Topic of the reports. Default: openvino/classification or openvino/ssd by function, for streams after the first with "/" and the stream's name behind it. {thing} in it is the name of the AWS IoT thing ($AWS_IOT_THING_NAME), so that many boxes with one configuration have a topic each.</summary>
    [StringLength(256, MinimumLength = 1)]
    public string? TopicName { get; set; }

    /// <summary>Quality of the JPEG pictures: 1 is the smallest file, 100 the best picture.</summary>
    [Range(1, 100)]
    public int JpegQuality { get; set; } = 90;
}
