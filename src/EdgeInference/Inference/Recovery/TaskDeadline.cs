namespace EdgeInference.Inference.Recovery;

internal static class TaskDeadline
{
    /// <summary>Whether a task ends in time, however it ends.</summary>
    public static async Task<bool> EndsWithinAsync(this Task task, TimeSpan deadline, TimeProvider time)
    {
        await task.WaitAsync(deadline, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }
}
