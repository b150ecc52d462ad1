using System.Diagnostics.CodeAnalysis;
using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>Writes messages to the nucleus's socket, one whole message after another, whoever they come from.</summary>
/// <param name="stream">The socket.</param>
/// <param name="time">The clock.</param>
/// <param name="end">Ends the session with a reason; only that of the first call counts.</param>
/// <param name="ended">Completes with it.</param>
/// <param name="lifetime">Cancelled with it.</param>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore holds nothing of the system, and writers may still look at it when the session is over.")]
internal sealed class IpcWriter(Stream stream, TimeProvider time, Action<IpcTrouble> end, Task<IpcTrouble> ended, CancellationToken lifetime)
{
    /// <summary>The nucleus reads at once.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Writes the message that is made when it is its turn.</summary>
    /// <param name="make">Called when nothing else is being written.</param>
    /// <param name="cancellationToken">Ends the wait for the turn; a message that is begun is written.</param>
    /// <exception cref="IpcException">The session has ended.</exception>
    public async Task WriteAsync(Func<EventStreamMessage> make, CancellationToken cancellationToken)
    {
        await WaitForTurnAsync(cancellationToken);
        try
        {
            EventStreamMessage message = make();
            if (ended.IsCompletedSuccessfully)
                throw IpcException.OfEnd(await ended);
            await WriteAsync(EventStreamEncoder.Encode(message));
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task WaitForTurnAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime);
        try
        {
            await _turn.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw IpcException.OfEnd(await ended);
        }
    }

    private async Task WriteAsync(byte[] bytes)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, lifetime);
        try
        {
            await stream.WriteAsync(bytes, either.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            end(timeout.IsCancellationRequested
                ? new IpcTrouble(IpcTroubleKind.Away, $"it has read nothing for {Timeout.TotalSeconds:0} s")
                : IpcTrouble.Of(exception));
            throw IpcException.OfEnd(await ended);
        }
    }
}
