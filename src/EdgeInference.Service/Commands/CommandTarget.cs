using EdgeInference.Reporting;
using EdgeInference.Service.Streams;
using EdgeInference.Service.Systemd;

namespace EdgeInference.Service.Commands;

/// <summary>A stream as commands see it.</summary>
/// <param name="View">How it is at this moment.</param>
/// <param name="Reporting">What can be asked of it.</param>
internal sealed record CommandTarget(StreamView View, ReportingControl Reporting)
{
    public string Name => View.Name;

    /// <summary>Why nothing can be asked of it any more; null while something can.</summary>
    public string? Fault => View.State switch
    {
        StreamState.Ended => "the stream has ended",
        StreamState.Faulted => "the stream has failed, and the log says why",
        _ => null,
    };

    public static CommandTarget Of(SupervisedStream stream) => new(StreamView.Of(stream), stream.Reporting);

    /// <summary>What its parts are at, for people: start compiling its model; capture lost, inference waiting for a frame.</summary>
    public string DescribeActivity() => string.Join(", ", View.Parts.Select(static part => $"{part.Name} {part.Activity.Description}"));
}
