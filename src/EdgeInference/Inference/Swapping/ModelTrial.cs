using System.Globalization;
using EdgeInference.Frames;

namespace EdgeInference.Inference.Swapping;

/// <summary>What a new model has shown.</summary>
/// <param name="Refusal">What speaks against it; null for nothing.</param>
/// <param name="New">Its shortest inference.</param>
/// <param name="Old">That of the model in use on the same frames; null where that does not work.</param>
internal sealed record TrialOutcome(string? Refusal, TimeSpan New, TimeSpan? Old);

/// <summary>Holds a new model against the one in use, on the same frames by turns, so that both see the same load of the machine.</summary>
/// <param name="candidate">The new one.</param>
/// <param name="running">The one in use; null where it does not work.</param>
/// <param name="timeFactor">So many times the time of the one in use the new one may take; 0: as long as it likes.</param>
internal sealed class ModelTrial(TrialRun candidate, TrialRun? running, double timeFactor)
{
    // Below it nobody notices, and a thread that was not woken at once weighs more than the model.
    private static readonly TimeSpan Negligible = TimeSpan.FromMilliseconds(1);

    private bool _isRunningFit = running is not null;

    /// <exception cref="InferenceException">The new model's engine failed.</exception>
    public async Task<TrialOutcome> RunAsync(IReadOnlyList<Frame> frames, CancellationToken cancellationToken)
    {
        // The first one again: what an engine does only once, such as taking memory, is not to be measured.
        foreach (Frame frame in frames.Prepend(frames[0]))
        {
            await TryRunningAsync(frame, cancellationToken);
            if ((await candidate.InferAsync(frame, cancellationToken) ?? CompareResults()) is { } fault)
                return new TrialOutcome(fault, candidate.Shortest, Old: null);
        }

        return new TrialOutcome(CompareTimes(), candidate.Shortest, _isRunningFit ? running!.Shortest : null);
    }

    private async Task TryRunningAsync(Frame frame, CancellationToken cancellationToken)
    {
        if (!_isRunningFit)
            return;
        try
        {
            await running!.InferAsync(frame, cancellationToken);
        }
        catch (InferenceException)
        {
            // That is found out, and said, where the stream uses it: here there is only nothing to compare with.
            _isRunningFit = false;
        }
    }

    private string? CompareResults() => _isRunningFit && running!.Result.HasProbabilities && !candidate.Result.HasProbabilities
        ? "its scores are not between 0 and 1, as those of the model in use are"
        : null;

    private string? CompareTimes()
    {
        if (timeFactor <= 0 || !_isRunningFit)
            return null;
        TimeSpan allowed = timeFactor * (running!.Shortest > Negligible ? running.Shortest : Negligible);
        return candidate.Shortest <= allowed ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"an inference takes {candidate.Shortest.TotalMilliseconds:0.0} ms, more than {timeFactor:0.#} times the {running.Shortest.TotalMilliseconds:0.0} ms of the model in use");
    }
}
