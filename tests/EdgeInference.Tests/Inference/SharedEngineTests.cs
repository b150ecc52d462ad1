using EdgeInference.Inference;

namespace EdgeInference.Tests.Inference;

public sealed class SharedEngineTests
{
    private readonly FakeEngine _engine = new();

    [Fact]
    public void Dispose_SeveralHolders_LastOneDisposesTheEngine()
    {
        var first = SharedEngine.Of(_engine);
        SharedEngine second = first.TryShare()!;

        first.Dispose();
        first.Dispose();
        Assert.False(_engine.IsDisposed);
        SharedEngine third = first.TryShare()!;
        second.Dispose();
        third.Dispose();

        Assert.True(_engine.IsDisposed);
        Assert.True(first.IsReleased);
        Assert.Null(second.TryShare());
    }

    [Fact]
    public void Of_SharedOne_StaysTheSame()
    {
        var shared = SharedEngine.Of(_engine);

        Assert.Same(shared, SharedEngine.Of(shared));
        Assert.True(shared.StartMayBlock);
        Assert.False(SharedEngine.Of(new FakeEngine { StartsAtOnce = true }).StartMayBlock);
    }

    [Fact]
    public void MarkFailed_OneHolder_AllKnow()
    {
        var first = SharedEngine.Of(_engine);
        SharedEngine second = first.TryShare()!;

        second.MarkFailed();
        second.MarkWorked();

        Assert.True(first.HasFailed);
        Assert.True(first.HasWorked);
    }

    [Fact]
    public async Task TryShare_AgainstTheLastRelease_IsEitherInTimeOrTooLate()
    {
        for (int i = 0; i < 500; i++)
        {
            var engine = new FakeEngine();
            var holder = SharedEngine.Of(engine);
            using var gate = new Barrier(2);
            Task<SharedEngine?> sharing = Task.Run(() =>
            {
                gate.SignalAndWait();
                return holder.TryShare();
            });
            gate.SignalAndWait();
            holder.Dispose();

            SharedEngine? shared = await sharing;
            Assert.Equal(shared is null, engine.IsDisposed);
            shared?.Dispose();
            Assert.True(engine.IsDisposed);
        }
    }
}
