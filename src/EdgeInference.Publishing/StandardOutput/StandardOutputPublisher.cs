using Microsoft.Win32.SafeHandles;

namespace EdgeInference.Publishing.StandardOutput;

/// <summary>Writes each report as one line of JSON to standard output, for a program that reads it from a pipe.</summary>
public sealed class StandardOutputOptions : PublisherOptions
{
    /// <summary>Whether each report is written to standard output.</summary>
    public override bool? Enabled { get; set; } = false;
}

/// <summary>One line of JSON a report; all streams share standard output, so a line is written in one piece.</summary>
internal sealed class StandardOutputPublisher(Stream output) : IPublisher
{
    // Not the console's stream, which drops what nobody reads any more without a word. A write to a handle says so.
    private static readonly Lazy<Stream> SharedOutput = new(static () => Stream.Synchronized(
        new FileStream(new SafeFileHandle(StandardOutputHandle, ownsHandle: false), FileAccess.Write, bufferSize: 0)));

    private const int StandardOutputHandle = 1;

    private byte[] _line = [];

    public static PublisherRegistration Registration { get; } = new(
        "StandardOutput",
        typeof(StandardOutputOptions),
        static (_, _, _) => new StandardOutputPublisher(SharedOutput.Value));

    public string Destination => "standard output";

    public async ValueTask PublishAsync(Report report, CancellationToken cancellationToken)
    {
        int length = report.Payload.Length + 1;
        if (_line.Length < length)
            _line = new byte[length];
        report.Payload.CopyTo(_line);
        _line[length - 1] = (byte)'\n';
        await output.WriteAsync(_line.AsMemory(0, length), cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
