using System.Threading.Channels;
using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Inference.Recovery;

namespace EdgeInference.Inference;

/// <summary>
/// Takes over each inferred frame with its result, in frame order. The result is to be given back to the pool, which is
/// another one when the model is.
/// </summary>
internal delegate ValueTask InferredFrameHandler(
    Frame frame, InferenceResult result, ResultPool results, CancellationToken cancellationToken);

/// <summary>
/// Runs a model on every frame with several requests in flight. One loop gives frames to requests in frame order; a
/// request that has ended goes on with the next frame at once, while its result waits in a slot for those of earlier
/// frames; a second loop hands the slots on in frame order; a third keeps an engine there. None of them ever waits inside
/// the engine. Nothing is allocated per frame.
/// </summary>
internal sealed class InferencePipeline(EngineRecovery engine)
{
    // So that a request that overtakes a slower one finds a slot for its next frame.
    private const int SlotsPerRequest = 2;

    // Far more than any engine has requests; with fewer slots than that, some of its requests would be idle.
    private const int MostSlots = 1024;

    private int _slots;
    private long _failed;

    /// <summary>Frames lost because the engine failed on them or did not give them back.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>
    /// Infers until <paramref name="frames"/> is completed and empty: a stop completes the queue, and what is in it is
    /// still inferred, unless the engine is being rebuilt. The second token abandons what is in flight.
    /// </summary>
    /// <exception cref="InferenceException">The engine failed for good.</exception>
    public async Task RunAsync(
        FrameQueue frames, InferredFrameHandler handler, CancellationToken stoppingToken, CancellationToken abandonToken)
    {
        // Each slot channel has room for all there may be, so writing never waits. A session comes when the one before has ended, which
        // nobody needs to have taken where no frame came.
        Channel<InferenceSession> sessions = RequestChannel.Create<InferenceSession>(capacity: 1, BoundedChannelFullMode.DropOldest);
        Channel<InferenceSlot> idleSlots = RequestChannel.Create<InferenceSlot>(MostSlots);
        Channel<InferenceSlot> inFlight = RequestChannel.Create<InferenceSlot>(MostSlots);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(abandonToken);
        Task recovery = KeepEngineAsync(sessions.Writer, frames, stoppingToken, end.Token);
        Task dispatch = DispatchAsync(sessions.Reader, frames.Reader, idleSlots, inFlight.Writer);
        try
        {
            await CompleteAsync(inFlight.Reader, idleSlots.Writer, handler, abandonToken);
        }
        finally
        {
            // Where completing failed, these end the dispatching loop, wherever it waits, and the capture behind it.
            idleSlots.Writer.TryComplete();
            frames.Complete();
            await end.CancelAsync();
            await dispatch;
            try
            {
                await recovery;
            }
            finally
            {
                while (inFlight.Reader.TryRead(out InferenceSlot? slot))
                    CountFailed(slot);
                frames.DropRest();
            }
        }
    }

    private async Task KeepEngineAsync(
        ChannelWriter<InferenceSession> sessions, FrameQueue frames, CancellationToken stoppingToken, CancellationToken endToken)
    {
        try
        {
            await engine.RunAsync(sessions, stoppingToken, endToken);
        }
        finally
        {
            // No more engine, no more frames: this ends the other loops, and the capture.
            sessions.TryComplete();
            frames.Complete();
        }
    }

    private async Task DispatchAsync(
        ChannelReader<InferenceSession> sessions,
        ChannelReader<Frame> frames,
        Channel<InferenceSlot> idleSlots,
        ChannelWriter<InferenceSlot> inFlight)
    {
        try
        {
            // Waits without a token: a wait with one allocates. All channels are completed when it is time to end.
            // For frames first: where none are left, nobody waits for an engine.
            while (await frames.WaitToReadAsync(CancellationToken.None)
                && await sessions.WaitToReadAsync(CancellationToken.None)
                && sessions.TryRead(out InferenceSession? session))
            {
                // Another model may have more requests than the one before.
                for (; _slots < Math.Min(MostSlots, SlotsPerRequest * session.Requests.Count); _slots++)
                    idleSlots.Writer.TryWrite(new InferenceSlot());
                await DispatchAsync(session, frames, idleSlots.Reader, inFlight);
            }

            inFlight.TryComplete();
        }
        catch (Exception exception)
        {
            inFlight.TryComplete(exception);
        }
    }

    /// <summary>
    /// Starts inferences until the session is retired or there are no more frames. Where an engine does not return from a
    /// start, this waits for the session's turn, which ends when the session is retired.
    /// </summary>
    private static async Task DispatchAsync(
        InferenceSession session, ChannelReader<Frame> frames, ChannelReader<InferenceSlot> idleSlots, ChannelWriter<InferenceSlot> inFlight)
    {
        while (await session.Turn.WaitToReadAsync(CancellationToken.None)
            && await session.Idle.WaitToReadAsync(CancellationToken.None)
            && await idleSlots.WaitToReadAsync(CancellationToken.None)
            && await frames.WaitToReadAsync(CancellationToken.None))
        {
            // The request before the frame: a frame that was taken could not wait for the next session.
            if (!session.TryBegin(out SessionRequest? request))
                return;
            if (!idleSlots.TryRead(out InferenceSlot? slot) || !frames.TryRead(out Frame? frame))
            {
                // Only when completing failed in between: they are this loop's alone.
                session.End();
                return;
            }

            slot.Start(frame, session.Parts.Results);
            inFlight.TryWrite(slot);
            request.Start(slot);
        }
    }

    private async Task CompleteAsync(
        ChannelReader<InferenceSlot> inFlight,
        ChannelWriter<InferenceSlot> idleSlots,
        InferredFrameHandler handler,
        CancellationToken cancellationToken)
    {
        while (await inFlight.WaitToReadAsync(CancellationToken.None))
        {
            while (inFlight.TryRead(out InferenceSlot? slot))
            {
                bool inferred = false;
                try
                {
                    inferred = await slot.Done;
                }
                finally
                {
                    if (!inferred)
                        CountFailed(slot);
                }

                if (inferred)
                    await handler(slot.Frame!, slot.Result!, slot.Results!, cancellationToken);
                else
                    cancellationToken.ThrowIfCancellationRequested();
                idleSlots.TryWrite(slot);
            }
        }
    }

    private void CountFailed(InferenceSlot slot)
    {
        slot.Frame!.Dispose();
        slot.Results!.Return(slot.Result!);
        Interlocked.Increment(ref _failed);
    }
}
