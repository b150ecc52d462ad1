using EdgeInference.Frames;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Capture;

internal sealed partial class FfmpegSource
{
    [LoggerMessage(1000, LogLevel.Debug, "{Source}: ffmpeg started, process {ProcessId}")]
    private partial void LogStarted(string source, int processId);

    [LoggerMessage(1001, LogLevel.Information, "{Source}: pictures of {Width}x{Height}, {Matrix}, {Range} range")]
    private partial void LogOpened(string source, int width, int height, ColorMatrix matrix, ColorRange range);

    [LoggerMessage(1002, LogLevel.Warning, "{Source}: ffmpeg did not describe its output; BT.601 of limited range is assumed")]
    private partial void LogUndeclared(string source);

    [LoggerMessage(1003, LogLevel.Information, "{Source}: ended after {Frames} frames")]
    private partial void LogEnded(string source, long frames);

    [LoggerMessage(1004, LogLevel.Warning, "{Source}: ended after {Frames} frames, damaged or truncated ({CorruptFrames} corrupt frames): {Error}")]
    private partial void LogEndedDamaged(string source, long frames, long corruptFrames, string? error);

    [LoggerMessage(1005, LogLevel.Debug, "{Source}: ffmpeg: {Message}")]
    private partial void LogMessage(string source, string message);
}
