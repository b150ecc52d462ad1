using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

internal sealed partial class GreengrassPublisher
{
    [LoggerMessage(EventId = 3230, Level = LogLevel.Warning, Message = "{Stream}: Greengrass may not subscribe to '{Topic}', so reports count as delivered two seconds after the nucleus has taken them, and some are lost when its connection to the cloud breaks: the recipe's accessControl must allow aws.greengrass#SubscribeToIoTCore, too, or Confirm be false (tried again every ten minutes; said once)")]
    private partial void LogMayNotSubscribe(string stream, string topic);

    [LoggerMessage(EventId = 3231, Level = LogLevel.Warning, Message = "{Stream}: Greengrass: no report has come back from '{Topic}', {Attempts} times in a row, so they count as delivered two seconds after the nucleus has taken them, and some are lost when its connection to the cloud breaks: the thing's policy must allow iot:Subscribe and iot:Receive on it, or Confirm be false (tried again in an hour)")]
    private partial void LogNoEcho(string stream, string topic, int attempts);

    [LoggerMessage(EventId = 3232, Level = LogLevel.Warning, Message = "{Stream}: Greengrass: a report of {Bytes} bytes is larger than the {Most} that nucleus lite can receive, so from here on reports count as delivered two seconds after the nucleus has taken them, and some are lost when its connection to the cloud breaks (Confirm: true sets such a report aside instead)")]
    private partial void LogTooLargeToComeBack(string stream, long bytes, int most);

    [LoggerMessage(EventId = 3233, Level = LogLevel.Warning, Message = "{Stream}: Greengrass: others publish to '{Topic}' far more than this stream does, and it receives all of that to know that its own reports arrive. So from here on reports count as delivered two seconds after the nucleus has taken them, and some are lost when its connection to the cloud breaks: give each device a topic of its own, with {Placeholder} in it, or set Confirm to true, with what that costs")]
    private partial void LogShared(string stream, string topic, string placeholder = "{thing}");
}
