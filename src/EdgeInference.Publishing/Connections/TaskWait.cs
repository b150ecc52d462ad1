namespace EdgeInference.Publishing.Connections;

internal static class TaskWait
{
    /// <returns>False when it has not completed within the span.</returns>
    public static async Task<bool> CompletesAsync(this Task task, TimeSpan span, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(span, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
