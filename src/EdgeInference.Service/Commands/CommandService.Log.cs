using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Commands;

internal sealed partial class CommandService
{
    /// <summary>Texts of the sender are quoted, or not there.</summary>
    private void Log(CommandReply reply)
    {
        string id = reply.Id is null ? "without an id" : QuotedText.Of(reply.Id);
        StreamReply[] failed = [.. reply.Streams.Where(static stream => stream.Fault is not null)];
        if (reply.Fault is not null)
            LogRefused(id, reply.Fault);
        else if (failed.Length > 0)
            LogFailed(reply.Command!, id, failed.Length, reply.Streams.Count, failed[0].Stream, failed[0].Fault!);
        else
            LogDone(reply.Command!, id, reply.Streams.Count);
    }

    [LoggerMessage(EventId = 4160, Level = LogLevel.Information, Message = "Commands come on '{Topic}' through {Transport}; answers go to '{ReplyTopic}'")]
    private partial void LogWaits(string topic, string transport, string replyTopic);

    [LoggerMessage(EventId = 4161, Level = LogLevel.Information, Message = "Command {Command} ({CommandId}): done, streams: {Streams}")]
    private partial void LogDone(string command, string commandId, int streams);

    [LoggerMessage(EventId = 4162, Level = LogLevel.Information, Message = "Command {Command} ({CommandId}): not done by {Failed} of {Streams} streams, first by {FirstFailed}: {Reason}")]
    private partial void LogFailed(string command, string commandId, int failed, int streams, string firstFailed, string reason);

    [LoggerMessage(EventId = 4163, Level = LogLevel.Information, Message = "Command ({CommandId}) refused: {Reason}")]
    private partial void LogRefused(string commandId, string reason);

    [LoggerMessage(EventId = 4164, Level = LogLevel.Warning, Message = "The answer to a command does not reach '{ReplyTopic}': {Reason}")]
    private partial void LogNoReply(string replyTopic, string reason);

    [LoggerMessage(EventId = 4165, Level = LogLevel.Warning, Message = "Commands come faster on '{Topic}' than they can be answered: of those that wait all but the newest {Most} are dropped")]
    private partial void LogDropping(string topic, int most);

    [LoggerMessage(EventId = 4166, Level = LogLevel.Information, Message = "Commands on '{Topic}' are answered as they come again; {Dropped} have been dropped since the start")]
    private partial void LogDropped(string topic, long dropped);

    [LoggerMessage(EventId = 4167, Level = LogLevel.Error, Message = "A command has failed: a defect of this program")]
    private partial void LogDefect(Exception exception);
}
