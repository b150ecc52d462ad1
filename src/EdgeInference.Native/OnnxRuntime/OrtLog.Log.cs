using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OnnxRuntime;

internal static partial class OrtLog
{
    [LoggerMessage(EventId = 5000, Message = "ONNX Runtime: {Message} ({CodeLocation})")]
    private static partial void Message(ILogger logger, LogLevel level, string? message, string? codeLocation);
}
