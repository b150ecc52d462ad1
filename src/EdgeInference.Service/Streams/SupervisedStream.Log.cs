using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

internal sealed partial class SupervisedStream
{
    [LoggerMessage(EventId = 4101, Level = LogLevel.Error, Message = "{Stream}: {Reason}")]
    private partial void LogFaulted(string stream, string reason);

    [LoggerMessage(EventId = 4102, Level = LogLevel.Critical, Message = "{Stream}: ended by a defect of this program; please report it")]
    private partial void LogDefect(Exception exception, string stream);

    [LoggerMessage(EventId = 4107, Level = LogLevel.Warning, Message = "{Stream}: starts again in {Seconds:0} s")]
    private partial void LogRestarts(string stream, double seconds);

    [LoggerMessage(EventId = 4108, Level = LogLevel.Information, Message = "{Stream}: the files of its model have changed: they are loaded beside the model in use")]
    private partial void LogFilesChanged(string stream);

    [LoggerMessage(EventId = 4150, Level = LogLevel.Warning, Message = "{Stream}: its engine cannot be made again from the files of its model: those that are there now are loaded, also if they were refused before")]
    private partial void LogFilesLost(string stream);

    [LoggerMessage(EventId = 4109, Level = LogLevel.Information, Message = "{Stream}: its model is configured otherwise now ({Changes}): that is loaded beside the model in use")]
    private partial void LogModelChanged(string stream, string changes);

    [LoggerMessage(EventId = 4106, Level = LogLevel.Information, Message = "{Stream}: stopped before its engine was ready")]
    private partial void LogStoppedEarly(string stream);

    [LoggerMessage(EventId = 4103, Level = LogLevel.Information, Message = "{Stream}: {Captured} frames, {Inferred} inferred, {Dropped} dropped, {Corrupt} corrupt, {FramesPerSecond:0.0} frames/s, {Reports} reports")]
    private partial void LogStreamSummary(string stream, long captured, long inferred, long dropped, long corrupt, double framesPerSecond, long reports);

    [LoggerMessage(EventId = 4104, Level = LogLevel.Information, Message = "{Stream}: {Publisher}: {Published} to {Destination}, {Lost} lost")]
    private partial void LogPublisherSummary(string stream, string publisher, long published, string destination, long lost);

    [LoggerMessage(EventId = 4105, Level = LogLevel.Information, Message = "{Stream}: engine rebuilt {Rebuilds} times, {Failed} frames lost in it, {Abandoned} calls into it still not returned")]
    private partial void LogEngineSummary(string stream, int rebuilds, long failed, int abandoned);
}
