namespace EdgeInference.Inference.Recovery;

/// <summary>
/// Calls that take as long as an engine and its device like, or for ever. They run on threads of their own, and whoever
/// has to go on leaves them behind.
/// </summary>
public static class BlockingCall
{
    public static Task<T> RunAsync<T>(Func<T> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>Makes something disposable; what is made after the token has fired is disposed.</summary>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    public static async Task<T> MakeAsync<T>(Func<T> make, CancellationToken cancellationToken)
        where T : class
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task<T> making = RunAsync(make);
        try
        {
            return await making.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Not awaited: a compiler may work for minutes, and the stream is to end now.
            _ = DisposeLateAsync(making);
            throw;
        }
    }

    private static async Task DisposeLateAsync<T>(Task<T> making)
        where T : class
    {
        await ((Task)making).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!making.IsCompletedSuccessfully)
            return;
        T late = await making;
        if (late is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        else
            (late as IDisposable)?.Dispose();
    }
}
