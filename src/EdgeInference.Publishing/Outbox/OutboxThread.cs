using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace EdgeInference.Publishing.Outbox;

/// <summary>
/// The one thread that touches the outbox's file. Writes that wait together are committed together, so that many
/// streams share one flush of the disk. A thread of its own, because a slow disk must not hold a thread of the pool.
/// </summary>
/// <param name="process">Does some jobs on the thread, in order; an exception that escapes is given to all of them.</param>
internal sealed class OutboxThread(Action<IReadOnlyList<OutboxThread.Job>> process) : IAsyncDisposable
{
    // Commits of more would keep reads waiting for long.
    private const int LargestGroup = 256;

    private readonly BlockingCollection<Job> _jobs = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Start() => new Thread(Run) { IsBackground = true, Name = "outbox" }.Start();

    /// <exception cref="ObjectDisposedException">The thread has ended.</exception>
    public void Enqueue(Job job)
    {
        try
        {
            _jobs.Add(job);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(OutboxThread), "The outbox is closed.");
        }
    }

    /// <summary>Waits until all jobs are done.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.CompleteAdding();
        await _ended.Task;
        _jobs.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Given to those who wait for the jobs.")]
    private void Run()
    {
        var group = new List<Job>(LargestGroup);
        foreach (Job first in _jobs.GetConsumingEnumerable())
        {
            group.Clear();
            group.Add(first);
            while (group.Count < LargestGroup && _jobs.TryTake(out Job? next))
                group.Add(next);
            try
            {
                process(group);
            }
            catch (Exception exception)
            {
                foreach (Job job in group)
                    job.Fail(exception);
            }
        }

        _ended.SetResult();
    }

    /// <summary>Something to do with the store.</summary>
    /// <param name="isWrite">Whether it changes the store, and so belongs into a transaction.</param>
    /// <param name="isDurable">Whether it is done only when it is on disk.</param>
    internal abstract class Job(bool isWrite, bool isDurable)
    {
        public bool IsWrite => isWrite;

        public bool IsDurable => isDurable;

        public abstract void Run(OutboxStore store);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    internal sealed class Job<T>(Func<OutboxStore, T> work, bool isWrite, bool isDurable) : Job(isWrite, isDurable)
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Done => _done.Task;

        public override void Run(OutboxStore store) => _result = work(store);

        public override void Complete() => _done.TrySetResult(_result!);

        public override void Fail(Exception exception) => _done.TrySetException(exception);
    }
}
