namespace EdgeInference.Inference;

/// <summary>
/// A holder of an engine that others may hold as well; the engine is disposed when the last of them has let go. Thread-safe.
/// </summary>
public sealed class SharedEngine : IInferenceEngine
{
    private readonly Held _held;
    private int _isDisposed;

    private SharedEngine(Held held) => _held = held;

    public string Description => _held.Engine.Description;

    public IReadOnlyList<TensorInfo> Inputs => _held.Engine.Inputs;

    public IReadOnlyList<TensorInfo> Outputs => _held.Engine.Outputs;

    public int OptimalRequests => _held.Engine.OptimalRequests;

    public bool StartMayBlock => _held.Engine.StartMayBlock;

    /// <summary>Whether an inference of any holder has ended well.</summary>
    public bool HasWorked => _held.HasWorked;

    /// <summary>Whether any holder has found it to fail or hang: it is not to be shared any more.</summary>
    public bool HasFailed => _held.HasFailed;

    /// <summary>Whether all holders have let go.</summary>
    public bool IsReleased => _held.IsReleased;

    /// <summary>Takes over an engine; one that is shared already stays as it is.</summary>
    public static SharedEngine Of(IInferenceEngine engine) => engine as SharedEngine ?? new SharedEngine(new Held(engine));

    /// <returns>One more holder; null when the engine is disposed. Whether this one has let go makes no difference.</returns>
    public SharedEngine? TryShare() => _held.TryAdd() ? new SharedEngine(_held) : null;

    public void MarkWorked() => _held.HasWorked = true;

    public void MarkFailed() => _held.HasFailed = true;

    public IInferenceRequest CreateRequest() => _held.Engine.CreateRequest();

    /// <summary>Lets go. May take as long as the engine likes.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _held.Remove();
    }

    private sealed class Held(IInferenceEngine engine)
    {
        private int _holders = 1;
        private volatile bool _hasWorked;
        private volatile bool _hasFailed;

        public IInferenceEngine Engine => engine;

        public bool IsReleased => Volatile.Read(ref _holders) == 0;

        public bool HasWorked
        {
            get => _hasWorked;
            set => _hasWorked = value;
        }

        public bool HasFailed
        {
            get => _hasFailed;
            set => _hasFailed = value;
        }

        public bool TryAdd()
        {
            for (int holders = Volatile.Read(ref _holders); holders > 0;)
            {
                int found = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
                if (found == holders)
                    return true;
                holders = found;
            }

            return false;
        }

        public void Remove()
        {
            if (Interlocked.Decrement(ref _holders) == 0)
                engine.Dispose();
        }
    }
}
