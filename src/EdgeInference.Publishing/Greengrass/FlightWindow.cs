namespace EdgeInference.Publishing.Greengrass;

/// <summary>Bounds how many messages, and how many bytes of them, are on their way at once. Who comes first is let in first.</summary>
/// <param name="mostMessages">From 1.</param>
/// <param name="mostBytes">A message of as much or more is let in alone.</param>
internal sealed class FlightWindow(int mostMessages, int mostBytes)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(int Bytes, TaskCompletionSource Entered)> _waiting = [];
    private int _messages;
    private int _bytes;

    /// <summary>Returns when there is room, which <see cref="Leave"/> gives back.</summary>
    public async Task EnterAsync(int bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<(int, TaskCompletionSource)> node;
        lock (_lock)
        {
            node = _waiting.AddLast((Math.Min(bytes, mostBytes), entered));
            LetIn();
        }

        await using CancellationTokenRegistration registration = cancellationToken.Register(() => GiveUp(node, cancellationToken));
        await entered.Task;
    }

    /// <summary>A message of that size is no longer on its way.</summary>
    public void Leave(int bytes)
    {
        lock (_lock)
        {
            _messages--;
            _bytes -= Math.Min(bytes, mostBytes);
            LetIn();
        }
    }

    private void LetIn()
    {
        while (_waiting.First is { } first && _messages < mostMessages && _bytes + first.Value.Bytes <= mostBytes)
        {
            _waiting.RemoveFirst();
            _messages++;
            _bytes += first.Value.Bytes;
            first.Value.Entered.SetResult();
        }
    }

    private void GiveUp(LinkedListNode<(int Bytes, TaskCompletionSource Entered)> node, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // Else it was let in just before.
            if (node.List is null)
                return;
            _waiting.Remove(node);
            node.Value.Entered.SetCanceled(cancellationToken);
            LetIn();
        }
    }
}
