namespace EdgeInference.Service.Commands;

/// <summary>What somebody wants done.</summary>
/// <param name="Id">The sender's own name for it, which is in the answer; null for none.</param>
/// <param name="Stream">The stream that it is for; null for all of them.</param>
internal abstract record Command(string? Id, string? Stream)
{
    public abstract string Name { get; }
}

/// <summary>Report the next frame at once.</summary>
internal sealed record ReportCommand(string? Id, string? Stream) : Command(Id, Stream)
{
    public const string CommandName = "report";

    public override string Name => CommandName;
}

/// <summary>Report in another interval from now on.</summary>
internal sealed record SetIntervalCommand(string? Id, string? Stream, TimeSpan Interval) : Command(Id, Stream)
{
    public const string CommandName = "set-interval";

    public override string Name => CommandName;
}
