using System.Threading.Tasks.Sources;

namespace EdgeInference.Capture;

/// <summary>
/// Runs a call that blocks on a thread of its own, so that it holds no thread of the pool, and lets one caller at a time
/// await it. Allocates nothing once it runs. What the caller does after its await may run on this thread.
/// </summary>
/// <remarks>
/// Chosen over asynchronous reads of the pipe, which took twice the processor time (a wake-up through epoll and the pool
/// for every 64 KB) and allocated.
/// </remarks>
internal sealed class BlockingCalls<T>(Func<T> call, string threadName) : IValueTaskSource<T>, IAsyncDisposable
{
    private readonly AutoResetEvent _asked = new(initialState: false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ManualResetValueTaskSourceCore<T> _answer;
    private bool _isStarted;
    private volatile bool _isPending;
    private volatile bool _isDisposed;

    /// <summary>Calls once more. Not before the last call's result was awaited.</summary>
    public ValueTask<T> InvokeAsync()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _answer.Reset();
        ValueTask<T> result = new(this, _answer.Version);
        if (!_isStarted)
        {
            _isStarted = true;
            new Thread(Run) { IsBackground = true, Name = threadName }.Start();
        }

        _isPending = true;
        _asked.Set();
        return result;
    }

    /// <summary>Ends the thread once the call that was asked for, if any, has returned.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_isStarted)
        {
            _asked.Set();
            await _ended.Task;
        }

        _asked.Dispose();
    }

    T IValueTaskSource<T>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    private void Run()
    {
        // One signal may stand for a call and the end, or come late for a call that was answered already.
        do
        {
            _asked.WaitOne();
            while (_isPending)
            {
                _isPending = false;
                Answer();
            }
        }
        while (!_isDisposed);

        _ended.SetResult();
    }

    private void Answer()
    {
        T result;
        try
        {
            result = call();
        }
        catch (Exception failure)
        {
            // Rethrown by GetResult, in the caller.
            _answer.SetException(failure);
            return;
        }

        _answer.SetResult(result);
    }
}
