using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EdgeInference.Publishing.Outbox;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Logging;
using EdgeInference.Service.Options;
using EdgeInference.Service.Streams;

namespace EdgeInference.Service.CommandLine;

/// <summary><c>outbox</c>: what waits to be delivered, and what publishers have refused.</summary>
internal static class OutboxCommand
{
    private static readonly Option<string> DirectoryFlag = new("--directory") { Description = "the outbox directory; default: that of the configuration" };
    private static readonly Option<string> StreamFlag = new("--stream") { Description = "only of this stream" };
    private static readonly Option<string> PublisherFlag = new("--publisher") { Description = "only for this publisher, such as Mqtt" };
    private static readonly Option<int> CountFlag = new("--count") { Description = "how many at most", DefaultValueFactory = static _ => 100 };
    private static readonly Option<bool> AllFlag = new("--all") { Description = "all that were set aside" };
    private static readonly Option<bool> WaitingFlag = new("--waiting") { Description = "give up what waits for --publisher, not what was set aside" };
    private static readonly Argument<Guid?> IdArgument = new("id")
    {
        Description = "a report's id, as list shows it",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = ParseId,
    };

    public static Command Create() => new("outbox", "Shows and mends the outbox, also while the service runs.")
    {
        Make("stats", "What each publisher has delivered, and what waits for it.", [], static (outbox, _) => WriteStatistics(outbox)),
        Make("list", "The reports that publishers refused for good, and why.", [StreamFlag, PublisherFlag, CountFlag], WriteSetAside),
        Make("retry", "Has reports that were set aside tried again.", [StreamFlag, PublisherFlag, AllFlag], Requeue, IdArgument),
        Make("purge", "Gives up reports that were set aside, or with --waiting what waits.", [StreamFlag, PublisherFlag, AllFlag, WaitingFlag], Purge, IdArgument),
    };

    private static Command Make(
        string name, string description, Option[] options, Func<OutboxInspection, ParseResult, int> action, params Argument[] arguments)
    {
        var command = new Command(name, description);
        command.Options.Add(RunCommand.ConfigFlag);
        command.Options.Add(DirectoryFlag);
        foreach (Option option in options)
            command.Options.Add(option);
        foreach (Argument argument in arguments)
            command.Arguments.Add(argument);
        if (arguments.Length > 0)
            command.Validators.Add(RequireChoice);
        command.SetAction((parsed, _) => RunCommand.ReportFaultsAsync(async () =>
        {
            using OutboxInspection outbox = OutboxInspection.Open(FolderOf(parsed));
            if (FindUnknown(outbox, FilterOf(parsed)) is not { } unknown)
                return action(outbox, parsed);
            await StandardError.WriteErrorAsync(unknown);
            return ExitCode.WrongCommandLine;
        }));
        return command;
    }

    private static string FolderOf(ParseResult parsed)
    {
        OutboxOptions options = parsed.GetValue(DirectoryFlag) is { } directory
            ? new OutboxOptions { Directory = directory }
            : ServiceConfiguration.LoadSection<OutboxOptions>(nameof(EdgeInferenceOptions.Outbox), RunCommand.ReadFile(parsed.GetValue(RunCommand.ConfigFlag)), Environment.GetEnvironmentVariables());
        return OutboxRegistration.FolderOf(options);
    }

    /// <summary>The library's own conversion of a type that may be null throws while the command runs, not when it is parsed.</summary>
    private static Guid? ParseId(ArgumentResult argument)
    {
        if (argument.Tokens is not [{ Value: { } text }])
            return null;
        if (Guid.TryParse(text, CultureInfo.InvariantCulture, out Guid id))
            return id;
        argument.AddError($"'{text}' is not the id of a report, as edge-inference outbox list shows them.");
        return null;
    }

    private static OutboxFilter FilterOf(ParseResult parsed) =>
        new(parsed.GetValue(IdArgument), parsed.GetValue(StreamFlag), parsed.GetValue(PublisherFlag));

    /// <summary>A name that is misspelt would look as if there were nothing.</summary>
    private static string? FindUnknown(OutboxInspection outbox, OutboxFilter filter)
    {
        // What was set aside may be of a publisher that has no place any more.
        if (filter is { Publisher: null, Stream: null } || outbox.ReadSetAside(filter with { Id = null }, count: 1).Count > 0)
            return null;
        CursorKey[] known = [.. outbox.ReadStatistics().Select(static cursor => cursor.Key)];
        return Unknown("publisher", filter.Publisher, known.Select(static key => key.Publisher))
            ?? Unknown("stream", filter.Stream, known.Select(static key => key.Stream));

        static string? Unknown(string kind, string? given, IEnumerable<string> known)
        {
            string[] names = [.. known.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
            return given is null || names.Contains(given, StringComparer.OrdinalIgnoreCase)
                ? null
                : $"there is no {kind} '{given}' in this outbox; there are: {string.Join(", ", names)}";
        }
    }

    private static int WriteStatistics(OutboxInspection outbox)
    {
        TextTable table = new TextTable().Add("stream", "publisher", "waiting", "oldest", "delivered", "set aside", "evicted");
        foreach (CursorStatistics cursor in outbox.ReadStatistics())
        {
            table.Add(
                cursor.Key.Stream,
                cursor.Key.Publisher,
                Text(cursor.Waiting),
                cursor.OldestWaiting is { } oldest ? Text(oldest) : "-",
                Text(cursor.Delivered),
                Text(cursor.SetAside),
                Text(cursor.Evicted),
                cursor.IsConfigured ? "" : "not configured");
        }

        table.Write(Console.Out, indent: "");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outbox.Path}: {outbox.UsedBytes / 1e6:0.0} MB in use"));
        return ExitCode.Done;
    }

    private static int WriteSetAside(OutboxInspection outbox, ParseResult parsed)
    {
        IReadOnlyList<SetAsideReport> reports = outbox.ReadSetAside(FilterOf(parsed), parsed.GetValue(CountFlag));
        if (reports.Count == 0)
        {
            Console.WriteLine("Nothing is set aside.");
            return ExitCode.Done;
        }

        TextTable table = new TextTable().Add("id", "stream", "publisher", "made", "bytes", "reason");
        foreach (SetAsideReport report in reports)
        {
            table.Add(
                report.Id.ToString(),
                report.Key.Stream,
                report.Key.Publisher,
                Text(report.Timestamp),
                Text(report.Bytes),
                report.IsRequeued ? $"(to be tried again) {report.Reason}" : report.Reason);
        }

        table.Write(Console.Out, indent: "");
        if (reports.Count == parsed.GetValue(CountFlag))
            Console.WriteLine($"There may be more: --count says how many are shown, {Text(reports.Count)} here.");
        return ExitCode.Done;
    }

    private static int Requeue(OutboxInspection outbox, ParseResult parsed)
    {
        Console.WriteLine($"{Reports(outbox.Requeue(FilterOf(parsed)))} tried again: within seconds where the service runs, else at its next start.");
        return ExitCode.Done;
    }

    private static int Purge(OutboxInspection outbox, ParseResult parsed)
    {
        if (!parsed.GetValue(WaitingFlag))
        {
            Console.WriteLine($"{Reports(outbox.Purge(FilterOf(parsed)))} given up that had been set aside.");
            return ExitCode.Done;
        }

        string publisher = parsed.GetValue(PublisherFlag)!;
        CursorKey[] keys =
        [
            .. outbox.ReadStatistics().Select(static cursor => cursor.Key)
                .Where(key => IsSame(key.Publisher, publisher) && (parsed.GetValue(StreamFlag) is not { } stream || IsSame(key.Stream, stream))),
        ];
        Console.WriteLine($"{Text(outbox.PurgeWaiting(keys))} reports and messages that waited for {publisher} are given up.");
        return ExitCode.Done;
    }

    /// <summary>What changes many reports says so.</summary>
    private static void RequireChoice(CommandResult command)
    {
        // An id that is none has its own error.
        bool hasId = command.GetResult(IdArgument) is { Tokens.Count: > 0 };
        bool hasPublisher = command.GetResult(PublisherFlag) is not null;
        bool isAll = command.GetResult(AllFlag) is not null;
        if (command.GetResult(WaitingFlag) is null)
        {
            if (!hasId && !hasPublisher && !isAll && command.GetResult(StreamFlag) is null)
                command.AddError("Name a report's id, --stream, --publisher, or --all.");
        }
        else if (!hasPublisher || hasId || isAll)
        {
            command.AddError("--waiting takes --publisher, whose waiting reports are given up, and perhaps --stream, but neither an id nor --all.");
        }
    }

    private static bool IsSame(string name, string given) => string.Equals(name, given, StringComparison.OrdinalIgnoreCase);

    private static string Reports(int number) => number == 1 ? "1 report is" : $"{Text(number)} reports are";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
