using System.Threading.Tasks.Sources;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>
/// Runs the same synchronous work, again and again, on a thread of its own, since work that takes milliseconds must
/// not block the thread pool. Whoever awaits a run continues on this thread and may ask for the next run from there, so
/// that nothing has to wait for another thread between two runs. Allocates nothing per run.
/// </summary>
/// <param name="name">The thread's name.</param>
/// <param name="prepare">Runs once on the thread, before any work.</param>
/// <param name="work">Runs on the thread, once for each <see cref="RunAsync"/>.</param>
internal sealed class WorkThread(string name, Action prepare, Action work) : IValueTaskSource
{
    private readonly object _gate = new();
    private ManualResetValueTaskSourceCore<bool> _completion;
    private Thread? _thread;
    private bool _requested;
    private bool _stopping;

    /// <summary>1 from the moment a run is asked for until its result was taken.</summary>
    private int _busy;

    public void Start()
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Hands one run over. The task is to be awaited, once, before the next run.</summary>
    public ValueTask RunAsync()
    {
        if (Interlocked.Exchange(ref _busy, 1) == 1)
            throw new InvalidOperationException($"{name} is still at work.");
        lock (_gate)
        {
            if (_stopping)
            {
                _busy = 0;
                return ValueTask.FromException(new ObjectDisposedException(name));
            }

            _completion.Reset();
            _requested = true;
            Monitor.Pulse(_gate);
            return new ValueTask(this, _completion.Version);
        }
    }

    /// <summary>Lets the run that was handed over end, ends the thread and waits for it, unless called on that very thread.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        if (_thread != Thread.CurrentThread)
            _thread?.Join();
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _completion.GetResult(token);
        }
        finally
        {
            if (token == _completion.Version)
                Volatile.Write(ref _busy, 0);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    private void Loop()
    {
        prepare();
        while (WaitForRequest())
        {
            Exception? failure = null;
            try
            {
                work();
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            if (failure is null)
                _completion.SetResult(true);
            else
                _completion.SetException(failure);
        }
    }

    private bool WaitForRequest()
    {
        lock (_gate)
        {
            while (!_requested && !_stopping)
                Monitor.Wait(_gate);
            bool requested = _requested;
            _requested = false;
            return requested;
        }
    }
}
