using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace EdgeInference.Inference.Recovery;

/// <summary>
/// An engine and its requests, from the compilation until the engine is replaced. Once it is retired no inference starts
/// any more; those in flight end or are abandoned, then it is drained and can be disposed. Thread-safe.
/// </summary>
internal sealed class InferenceSession : IDisposable
{
    /// <summary>
    /// Inferences after which an engine has all the memory that it takes in normal work, and counts as one that works: a
    /// few for each request, even where there are many.
    /// </summary>
    public const int WarmUp = 100;

    private readonly Lock _lock = new();
    private readonly SharedEngine _engine;
    private readonly List<SessionRequest> _requests = [];
    private readonly Channel<SessionRequest> _idle;
    private readonly Channel<bool> _turn = RequestChannel.Create<bool>(capacity: 1);
    private readonly TaskCompletionSource _worked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _warm = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EngineFault? _fault;
    private long _inferred;
    private int _inFlight;
    private int _users = 1;

    private InferenceSession(SharedEngine engine, int requests, RequestParts parts)
    {
        _engine = engine;
        Parts = parts;
        _idle = RequestChannel.Create<SessionRequest>(requests);
        _turn.Writer.TryWrite(true);
    }

    public RequestParts Parts { get; }

    public IReadOnlyList<SessionRequest> Requests => _requests;

    /// <summary>Requests that are free; completed when the session is retired.</summary>
    public ChannelReader<SessionRequest> Idle => _idle.Reader;

    /// <summary>
    /// Holds an item unless an inference is being started, so that an engine which does not return from that has one thread
    /// of the pool and no more; completed when the session is retired.
    /// </summary>
    public ChannelReader<bool> Turn => _turn.Reader;

    /// <summary>Whether inferences are to be started on threads that can be left behind.</summary>
    public bool StartMayBlock => _engine.StartMayBlock;

    /// <summary>Inferences that ended well.</summary>
    public long Inferred => Interlocked.Read(ref _inferred);

    /// <summary>Ends after the first inference that ended well.</summary>
    public Task Worked => _worked.Task;

    /// <summary>Ends after <see cref="WarmUp"/> inferences that ended well.</summary>
    public Task Warm => _warm.Task;

    /// <summary>Whether an inference has ended well, be it of another stream that has the same engine.</summary>
    public bool HasEngineWorked => _engine.HasWorked;

    public Task Retired => _retired.Task;

    /// <summary>Ends when the session is retired and no inference is in flight.</summary>
    public Task Drained => _drained.Task;

    /// <summary>The first thing that went wrong; null where nothing has.</summary>
    public EngineFault? Fault => Volatile.Read(ref _fault);

    /// <summary>Makes the requests of an engine, which the session owns from here on.</summary>
    /// <exception cref="InferenceException">The engine cannot make them; it has been disposed.</exception>
    public static InferenceSession Open(IInferenceEngine engine, int requests, RequestParts parts)
    {
        var session = new InferenceSession(SharedEngine.Of(engine), requests, parts);
        try
        {
            for (int i = 0; i < requests; i++)
                session.Add(new SessionRequest(session, new ModelRequest(parts.Model, engine), parts));
        }
        catch
        {
            session.Dispose();
            throw;
        }

        return session;
    }

    /// <summary>Another session on the same engine, for as long as that is there.</summary>
    /// <returns>Null when the engine has been released.</returns>
    public InferenceSession? TryOpenAnother(int requests, RequestParts parts) =>
        _engine.TryShare() is { } shared ? Open(shared, requests, parts) : null;

    /// <summary>
    /// Takes a request to start an inference with, unless the session is retired. The start ends with <see cref="EndStart"/>,
    /// the inference with <see cref="Return"/> or <see cref="End"/>.
    /// </summary>
    public bool TryBegin([NotNullWhen(true)] out SessionRequest? request)
    {
        lock (_lock)
        {
            request = null;
            if (_retired.Task.IsCompleted || !_idle.Reader.TryRead(out request))
                return false;
            _turn.Reader.TryRead(out _);
            _inFlight++;
            return true;
        }
    }

    /// <summary>The engine has returned from the start of an inference.</summary>
    public void EndStart() => _turn.Writer.TryWrite(true);

    /// <summary>An inference ended well: its request may start the next one.</summary>
    public void Return(SessionRequest request)
    {
        if (Interlocked.Increment(ref _inferred) == WarmUp)
            _warm.TrySetResult();
        if (!_worked.Task.IsCompleted)
        {
            _engine.MarkWorked();
            _worked.TrySetResult();
        }

        End();

        // Does nothing once the session is retired. Not within the lock: the next inference may start from in here.
        _idle.Writer.TryWrite(request);
    }

    /// <summary>An inference ended and its request is not used again: the session is retired, or the stream is about to end.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (--_inFlight == 0 && _retired.Task.IsCompleted)
                _drained.TrySetResult();
        }
    }

    /// <summary>No inference starts any more.</summary>
    /// <param name="fault">What went wrong; null where nothing has.</param>
    /// <returns>Whether it was not retired before.</returns>
    public bool Retire(EngineFault? fault)
    {
        if (fault is not null)
        {
            Interlocked.CompareExchange(ref _fault, fault, comparand: null);
            _engine.MarkFailed();
        }

        lock (_lock)
        {
            if (!_retired.TrySetResult())
                return false;
            if (_inFlight == 0)
                _drained.TrySetResult();
        }

        _idle.Writer.TryComplete();
        _turn.Writer.TryComplete();
        return true;
    }

    /// <summary>Releases all requests but those abandoned, and the engine with the last request. May take as long as the engine likes.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "What one request fails with is rethrown once the others and the engine are released.")]
    public void Dispose()
    {
        Exception? failure = null;
        foreach (SessionRequest request in _requests)
        {
            if (request.IsAbandoned)
                continue;
            try
            {
                request.Dispose();
            }
            catch (Exception exception)
            {
                failure ??= exception;
            }
        }

        Release();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>A request is disposed; the engine must outlive all of them.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            _engine.Dispose();
    }

    private void Add(SessionRequest request)
    {
        _requests.Add(request);
        _users++;
        _idle.Writer.TryWrite(request);
    }
}
