using System.Globalization;
using EdgeInference.Reporting;

namespace EdgeInference.Service.Commands;

/// <summary>Carries out commands on the streams that there are when they come.</summary>
/// <param name="streams">The streams at this moment, in the order of the configuration.</param>
/// <param name="time">The clock.</param>
internal sealed class CommandExecutor(Func<IReadOnlyList<CommandTarget>> streams, TimeProvider time)
{
    /// <summary>How long a report may take: a live source gives a frame within milliseconds, one that stands still gives none.</summary>
    public static readonly TimeSpan ReportTimeout = TimeSpan.FromSeconds(10);

    private const int MostNamed = 5;

    /// <summary>
    /// Begins a command. What is to be in the order of the commands is done when this returns: intervals are set, and the next frame
    /// will be reported.
    /// </summary>
    /// <returns>What has come of it, after <see cref="ReportTimeout"/> at the latest.</returns>
    public Task<CommandReply> BeginAsync(CommandMessage message, CancellationToken cancellationToken)
    {
        if (message.Fault is not null)
            return Task.FromResult(CommandReply.Of(message));
        Command command = message.Command;
        IReadOnlyList<CommandTarget> all = streams();
        CommandTarget[] targets = [.. all.Where(target => command.Stream is null || target.Name == command.Stream)];
        if (targets.Length == 0)
            return Task.FromResult(new CommandReply(command.Id, command.Name, FaultOfStream(command.Stream, all), []));
        return ReplyAsync(command, [.. targets.Select(target => BeginAsync(command, target, cancellationToken))]);
    }

    private static async Task<CommandReply> ReplyAsync(Command command, Task<StreamReply>[] replies) =>
        new(command.Id, command.Name, Fault: null, await Task.WhenAll(replies));

    private static string FaultOfStream(string? name, IReadOnlyList<CommandTarget> all)
    {
        string known = string.Join(", ", all.Take(MostNamed).Select(static target => target.Name));
        string more = all.Count > MostNamed ? string.Create(CultureInfo.InvariantCulture, $" and {all.Count - MostNamed} more") : "";
        return name is null ? "there is no stream" : $"there is no stream {QuotedText.Of(name)}; there are: {known}{more}";
    }

    private Task<StreamReply> BeginAsync(Command command, CommandTarget target, CancellationToken cancellationToken)
    {
        if (target.Fault is { } fault)
            return Task.FromResult(new StreamReply(target.Name, fault));
        if (command is not SetIntervalCommand { Interval: var interval })
            return ReportAsync(target, cancellationToken);
        target.Reporting.Interval = interval;
        return Task.FromResult(new StreamReply(target.Name) { Interval = interval });
    }

    private async Task<StreamReply> ReportAsync(CommandTarget target, CancellationToken cancellationToken)
    {
        ReportReceipt? report = await target.Reporting.RequestReportAsync(ReportTimeout, time, cancellationToken);
        string? fault = report switch
        {
            null => DescribeSilence(target.Name),
            { IsHeldUp: true } => $"the report is made, but its publishers have had no room for it within {ReportTimeout.TotalSeconds:0} s",
            _ => null,
        };
        return new StreamReply(target.Name, fault) { Report = report };
    }

    private string DescribeSilence(string name)
    {
        string fault = $"no frame was inferred within {ReportTimeout.TotalSeconds:0} s";
        return streams().FirstOrDefault(target => target.Name == name) switch
        {
            null => "the stream was removed from the configuration",
            { Fault: { } ended } => ended,
            var target => $"{fault}: {target.DescribeActivity()}",
        };
    }
}
