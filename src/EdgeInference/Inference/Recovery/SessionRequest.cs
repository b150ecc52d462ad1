using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using EdgeInference.Functions;
using EdgeInference.Preprocessing;

namespace EdgeInference.Inference.Recovery;

/// <summary>What all requests of a stream work with, as long as it has this model.</summary>
internal sealed record RequestParts(
    InferenceModel Model, Preprocessor Preprocessor, IInferenceFunction Function, BusyTime BusyTime, AbandonedCalls Abandoned)
{
    public ResultPool Results { get; private init; } = new(Model.Name, Function);

    /// <summary>The same for another model.</summary>
    public RequestParts For(StreamModel other) => this with
    {
        Model = other.Model,
        Preprocessor = other.Preprocessor,
        Function = other.Function,
        Results = new ResultPool(other.Model.Name, other.Function),
    };
}

/// <summary>
/// A request of a session. Evaluates the outputs on the thread that ends the inference, and gives itself back before
/// anyone has asked for the result. An inference that does not end can be abandoned: whoever moves the state on from
/// "running", the engine that ends it or the one who abandons it, has its slot; the other must not touch it any more.
/// </summary>
internal sealed class SessionRequest : IThreadPoolWorkItem, IDisposable
{
    private const long Abandoned = -1;

    private readonly InferenceSession _session;
    private readonly ModelRequest _request;
    private readonly RequestParts _parts;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationToken _cancellationToken;
    private readonly Action _onInferred;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _inference;
    private InferenceSlot? _slot;
    private Task? _cancelling;

    /// <summary>Odd while an inference runs, even when none does, one more at each change: no inference has the state of another.</summary>
    private long _state;

    public SessionRequest(InferenceSession session, ModelRequest request, RequestParts parts)
    {
        _session = session;
        _request = request;
        _parts = parts;
        _cancellationToken = _cancellation.Token;
        _onInferred = OnInferred;
    }

    /// <summary>The state of the inference that runs now; null when none does, or it is abandoned.</summary>
    public long? Running => Volatile.Read(ref _state) is > 0 and long state && (state & 1) == 1 ? state : null;

    /// <summary>What the engine put out last, before the model's output stage.</summary>
    public IReadOnlyList<Tensor> EngineOutputs => _request.EngineOutputs;

    public bool IsAbandoned => Volatile.Read(ref _state) == Abandoned;

    /// <summary>Starts an inference of the slot's frame, without waiting for the engine.</summary>
    public void Start(InferenceSlot slot)
    {
        _slot = slot;
        if (_session.StartMayBlock)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        else
            ((IThreadPoolWorkItem)this).Execute();
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            Start();
        }
        finally
        {
            // Only now may another one be started, this request included.
            _session.EndStart();
        }
    }

    /// <summary>Asks the engine to end what runs. Waits for nothing: an engine that is stuck may not even answer that.</summary>
    public void Cancel() => _cancelling ??= CancelAsync();

    /// <summary>
    /// Gives up an inference: its frame is lost, and the request is left to the engine, which may write to its tensors
    /// at any time. Should it return after all, the request is disposed.
    /// </summary>
    /// <param name="running">The inference; nothing is done where it has ended by now.</param>
    public void Abandon(long running)
    {
        if (Interlocked.CompareExchange(ref _state, Abandoned, running) != running)
            return;
        _parts.BusyTime.End();

        // Before the session can be seen to be drained.
        _parts.Abandoned.Add(_session, "an inference, not even cancelled");
        InferenceSlot slot = _slot!;
        _session.End();
        slot.Lose();
    }

    public void Dispose()
    {
        try
        {
            _request.Dispose();
        }
        finally
        {
            _cancellation.Dispose();
            _session.Release();
        }
    }

    [SuppressMessage("Reliability", "CA2012", Justification = "The awaiter is kept until the inference has ended, and used once.")]
    private void Start()
    {
        InferenceSlot slot = _slot!;
        try
        {
            _parts.Preprocessor.Run(slot.Frame!, _request.Inputs[0]);
        }
        catch (Exception exception)
        {
            Fail(slot, exception);
            return;
        }

        _parts.BusyTime.Begin();
        Volatile.Write(ref _state, _state + 1);
        _inference = InferAsync().ConfigureAwait(false).GetAwaiter();
        if (_inference.IsCompleted)
            OnInferred();
        else
            _inference.UnsafeOnCompleted(_onInferred);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Of no use to anybody: an inference that does not end, for whatever reason, is abandoned.")]
    private async Task CancelAsync()
    {
        try
        {
            await _cancellation.CancelAsync();
        }
        catch (Exception)
        {
            // The engine failed at it; or the session was released just now, and nothing runs any more.
        }
    }

    private ValueTask InferAsync()
    {
        try
        {
            return _request.InferAsync(_cancellationToken);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    private void OnInferred()
    {
        Exception? failure = null;
        try
        {
            _inference.GetResult();
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (Running is not { } running || Interlocked.CompareExchange(ref _state, running + 1, running) != running)
        {
            // Not here: this may be the engine's own thread, which disposing could wait for.
            ThreadPool.UnsafeQueueUserWorkItem(static request => request.DisposeLate(), this, preferLocal: false);
            return;
        }

        _parts.BusyTime.End();
        InferenceSlot slot = _slot!;
        try
        {
            if (failure is null)
            {
                _request.Complete();
                _parts.Function.Evaluate(_request.Outputs, slot.Result!);
            }
        }
        catch (Exception exception)
        {
            // Our own defect, which no other engine would cure: rethrown to whoever awaits the slot.
            _session.End();
            slot.Fail(exception);
            return;
        }

        if (failure is not null)
        {
            Fail(slot, failure);
            return;
        }

        // The next inference first: what is done with this result may take longer.
        _session.Return(this);
        slot.Finish();
    }

    private void Fail(InferenceSlot slot, Exception exception)
    {
        var fault = EngineFault.Of(exception);
        bool lost = fault is not null || (exception is OperationCanceledException && _cancellation.IsCancellationRequested);
        if (fault is not null)
            _session.Retire(fault);
        _session.End();
        if (lost)
            slot.Lose();
        else
            slot.Fail(exception);
    }

    [SuppressMessage("Design", "CA1031", Justification = "The engine was stuck, and nobody waits for this request any more.")]
    private void DisposeLate()
    {
        try
        {
            Dispose();
            _parts.Abandoned.Remove(_session);
        }
        catch (Exception)
        {
            // It stays counted as abandoned.
        }
    }
}
