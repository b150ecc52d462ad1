namespace EdgeInference.Service.Streams;

/// <summary>The topics of streams for which none is configured.</summary>
internal static class StreamTopic
{
    private const string Detection = "openvino/ssd";
    private const string Classification = "openvino/classification";

    /// <summary>The samples' topic for the first stream; the others have their name behind it.</summary>
    public static string Default(bool isDetection, bool isFirst, string stream)
    {
        string topic = isDetection ? Detection : Classification;
        return isFirst ? topic : $"{topic}/{stream}";
    }
}
