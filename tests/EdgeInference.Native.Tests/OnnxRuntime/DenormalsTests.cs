using EdgeInference.Native.OnnxRuntime;

namespace EdgeInference.Native.Tests.OnnxRuntime;

public sealed class DenormalsTests
{
    private readonly float _small = 1e-30f;
    private readonly float _smaller = 1e-10f;

    [Fact]
    public void FlushOnThisThread_TinyProduct_IsZeroUntilRestored()
    {
        float before = 0, flushed = 1, restored = 0;
        Thread thread = new(() =>
        {
            before = _small * _smaller;
            Denormals.FloatingPointEnvironment environment = Denormals.Save();
            Denormals.FlushOnThisThread();
            flushed = _small * _smaller;
            Denormals.Restore(environment);
            restored = _small * _smaller;
        });
        thread.Start();
        thread.Join();

        Assert.NotEqual(0, before);
        Assert.Equal(0, flushed);
        Assert.Equal(before, restored);
    }
}
