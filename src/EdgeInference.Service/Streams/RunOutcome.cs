using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.Streams;

/// <summary>How a stream ended.</summary>
internal enum StreamOutcome
{
    /// <summary>Its source ended, or it was stopped.</summary>
    Done,

    /// <summary>It never inferred a frame: its files or options are wrong, or model and device do not go together.</summary>
    CouldNotStart,

    /// <summary>It worked and then failed.</summary>
    Failed,
}

/// <summary>The service's exit codes.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongCommandLine = 64;
    public const int WrongConfiguration = 78;

    /// <summary>The code for the streams' outcomes, once all have ended. A service that was asked to stop is done.</summary>
    public static int Of(IReadOnlyCollection<StreamOutcome> outcomes, bool stopped)
    {
        if (stopped || outcomes.All(static outcome => outcome == StreamOutcome.Done))
            return Done;
        return outcomes.All(static outcome => outcome == StreamOutcome.CouldNotStart) ? WrongConfiguration : Failed;
    }
}

/// <summary>Carries what is to become of the program from the streams to it.</summary>
internal sealed class RunResult
{
    private int _exitCode = Streams.ExitCode.Failed;

    /// <summary>Whether only another process can go on, so that this one is to fail however it ends.</summary>
    public bool NeedsNewProcess { get; set; }

    public int ExitCode
    {
        get => NeedsNewProcess ? Streams.ExitCode.Failed : _exitCode;
        set => _exitCode = value;
    }

    /// <summary>The configuration to go on with; null when the program is to end.</summary>
    public LoadedConfiguration? Next { get; set; }
}
