using System.Text;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>What it means for a report that the nucleus does not take it.</summary>
internal static class GreengrassRefusal
{
    /// <summary>What would make the nucleus refuse it, or end the connection, found before it is sent.</summary>
    public static PublishException? FindFault(Report report, int frameBytes, NucleusLimits limits)
    {
        if (MqttTopic.FindFault(report.Topic) is { } fault)
            return new PublishException(PublishFailure.Permanent, $"the topic '{MqttTopic.Shortened(report.Topic)}' {fault}");
        if (SizeOf(report) is var size && size > limits.MostReportBytes)
            return new PublishException(PublishFailure.Permanent, $"the report of {size} bytes is larger than the limit of AWS IoT Core, {limits.MostReportBytes} bytes");
        if (limits.MostFrameBytes is { } most && frameBytes > most)
        {
            return new PublishException(
                PublishFailure.Permanent,
                $"the report of {report.Payload.Length} bytes is larger than nucleus lite takes: as a message to it, it has {frameBytes} bytes, and the limit is {most} (about {MostPayload(report, frameBytes, most)} bytes of report)");
        }

        return null;
    }

    /// <summary>Of a payload and its topic.</summary>
    public static int SizeOf(Report report) => report.Payload.Length + Encoding.UTF8.GetByteCount(report.Topic);

    public static PublishException TooLargeToComeBack(Report report, NucleusLimits limits) => new(
        PublishFailure.Permanent,
        $"the report of {SizeOf(report)} bytes is larger than the {limits.MostEchoBytes} that nucleus lite can receive, so nothing can confirm it, which Confirm demands");

    /// <summary>What an error of the nucleus means.</summary>
    public static PublishException Of(IpcException error, string topic)
    {
        (PublishFailure failure, string reason) = error.Code switch
        {
            "UnauthorizedError" => (PublishFailure.Final, $"the nucleus does not allow this component to use the topic '{topic}': in the recipe, accessControl (aws.greengrass.ipc.mqttproxy) must allow {IpcRequest.PublishToIoTCore} on it, and {IpcRequest.SubscribeToIoTCore} where Confirm is true"),
            "InvalidArgumentsError" => (PublishFailure.Permanent, $"the nucleus refuses the form of the report: {error.Message}"),

            // The classic nucleus has no other name for it, and its limit can be set.
            "ServiceError" when error.Text.Contains("exceeds the configured limit", StringComparison.Ordinal) =>
                (PublishFailure.Permanent, $"the report is too large for the nucleus: {error.Message}"),
            _ => (PublishFailure.Temporary, $"the nucleus does not take the report now: {error.Message}; it may have no connection to the cloud, or no room left"),
        };
        return new PublishException(failure, reason, error);
    }

    /// <summary>The connection ended behind a report that the nucleus had taken.</summary>
    public static PublishException OfEnd(IpcTrouble trouble) =>
        new(PublishFailure.Temporary, $"the connection to the nucleus ended: {trouble.Reason}; what it may not have sent is sent again");

    public static PublishException NotBack(Report report) => new(
        PublishFailure.Temporary,
        $"the nucleus has taken the report, and it has not come back from the topic '{MqttTopic.Shortened(report.Topic)}' in time, as when the connection to the cloud breaks: it is sent again");

    public static PublishException WatchEnded(Report report) => new(
        PublishFailure.Temporary,
        $"the nucleus has ended its subscription to the topic '{MqttTopic.Shortened(report.Topic)}' before the report has come back: it is sent again");

    public static PublishException NotWatched(Report report, IpcException error) => new(
        PublishFailure.Temporary,
        $"the nucleus does not subscribe to the topic '{MqttTopic.Shortened(report.Topic)}' now, from which reports come back when they have arrived: {error.Message}; it may have no connection to the cloud",
        error);

    public static PublishException EndsConnections(int frameBytes, int ends) => new(
        PublishFailure.Permanent,
        $"the nucleus has ended the connection {ends} times in a row when this report, a message of {frameBytes} bytes, was all that was on its way; nucleus lite takes {NucleusLimits.LeastFrameBytes} bytes (EdgeInference:Greengrass:Nucleus says which one it is)");

    private static int MostPayload(Report report, int frameBytes, int most)
    {
        // Base64 makes four letters of three bytes.
        int rest = frameBytes - ((report.Payload.Length + 2) / 3 * 4);
        return Math.Max(0, (most - rest) / 4 * 3);
    }
}
