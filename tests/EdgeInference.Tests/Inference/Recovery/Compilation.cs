namespace EdgeInference.Tests.Inference.Recovery;

/// <summary>A compiler that blocks its thread until the test ends it.</summary>
internal sealed class Compilation
{
    private readonly ManualResetEventSlim _finished = new();
    private FakeEngine? _engine;
    private int _hasStarted;

    public bool HasStarted => Volatile.Read(ref _hasStarted) == 1;

    public FakeEngine Run()
    {
        Volatile.Write(ref _hasStarted, 1);
        Assert.True(_finished.Wait(TimeSpan.FromMinutes(1)));
        return _engine!;
    }

    public void Finish(FakeEngine engine)
    {
        _engine = engine;
        _finished.Set();
    }
}
