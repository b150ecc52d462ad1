using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using System.Threading.Tasks.Sources;
using EdgeInference.Frames;
using EdgeInference.Functions;

namespace EdgeInference.Inference;

/// <summary>
/// A frame on its way through an inference, with room for its result. Evaluates the outputs on the thread that ends the
/// inference, and gives the request back before anyone has asked for the result. Used again and again.
/// </summary>
internal sealed class InferenceSlot : IValueTaskSource
{
    private readonly IInferenceFunction _function;
    private readonly BusyTime _busyTime;
    private readonly ChannelWriter<ModelRequest> _idleRequests;
    private readonly Action _onInferred;
    private ManualResetValueTaskSourceCore<bool> _done;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _inference;
    private ModelRequest? _request;

    public InferenceSlot(IInferenceFunction function, BusyTime busyTime, ChannelWriter<ModelRequest> idleRequests)
    {
        _function = function;
        _busyTime = busyTime;
        _idleRequests = idleRequests;
        _onInferred = OnInferred;
        Result = function.CreateResult();
    }

    public Frame? Frame { get; private set; }

    public InferenceResult Result { get; set; }

    /// <summary>Ends when <see cref="Result"/> is that of <see cref="Frame"/>. To be awaited once after each <see cref="Start"/>.</summary>
    public ValueTask Done => new(this, _done.Version);

    /// <summary>Starts a request whose input is filled.</summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "The awaiter is kept until the inference has ended, and used once.")]
    public void Start(ModelRequest request, Frame frame, CancellationToken cancellationToken)
    {
        _done.Reset();
        _request = request;
        Frame = frame;
        _busyTime.Begin();
        _inference = request.InferAsync(cancellationToken).ConfigureAwait(false).GetAwaiter();
        if (_inference.IsCompleted)
            OnInferred();
        else
            _inference.UnsafeOnCompleted(_onInferred);
    }

    void IValueTaskSource.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);

    private void OnInferred()
    {
        _busyTime.End();
        try
        {
            _inference.GetResult();
            _request!.Complete();
            _function.Evaluate(_request.Outputs, Result);
        }
        catch (Exception exception)
        {
            // Rethrown to whoever awaits Done.
            _done.SetException(exception);
            return;
        }

        // The next inference first: what is done with this result may take longer.
        _idleRequests.TryWrite(_request);
        _done.SetResult(true);
    }
}
