using System.Threading.Tasks.Sources;
using EdgeInference.Frames;
using EdgeInference.Functions;

namespace EdgeInference.Inference;

/// <summary>A frame's place in the order of frames, with room for its result. Used again and again.</summary>
internal sealed class InferenceSlot : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _done;

    public Frame? Frame { get; private set; }

    /// <summary>Where <see cref="Result"/> comes from and goes back to.</summary>
    public ResultPool? Results { get; private set; }

    public InferenceResult? Result { get; private set; }

    /// <summary>
    /// Ends with true when <see cref="Result"/> is that of <see cref="Frame"/>, with false when the engine lost the frame.
    /// To be awaited once after each <see cref="Start"/>.
    /// </summary>
    public ValueTask<bool> Done => new(this, _done.Version);

    public void Start(Frame frame, ResultPool results)
    {
        _done.Reset();
        _done.RunContinuationsAsynchronously = false;
        Frame = frame;
        Results = results;
        Result = results.Rent();
    }

    public void Finish() => _done.SetResult(true);

    public void Lose()
    {
        // Whoever finds an engine stuck must not be held up by what is done with the results of other requests.
        _done.RunContinuationsAsynchronously = true;
        _done.SetResult(false);
    }

    public void Fail(Exception exception) => _done.SetException(exception);

    bool IValueTaskSource<bool>.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);
}
