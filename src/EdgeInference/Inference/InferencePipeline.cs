using System.Threading.Channels;
using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Preprocessing;

namespace EdgeInference.Inference;

/// <summary>
/// Takes over each inferred frame with its result, in frame order, and gives a result object of the same function back
/// for reuse.
/// </summary>
internal delegate ValueTask<InferenceResult> InferredFrameHandler(
    Frame frame, InferenceResult result, CancellationToken cancellationToken);

/// <summary>
/// Runs a model on every frame with several requests in flight. One loop starts inferences in frame order; a request
/// that has ended goes on with the next frame at once, while its result waits in a slot for those of earlier frames; a
/// second loop hands the slots on in frame order. Nothing is allocated per frame.
/// </summary>
internal sealed class InferencePipeline(
    IReadOnlyList<ModelRequest> requests, Preprocessor preprocessor, IInferenceFunction function, TimeProvider time)
{
    // So that a request that overtakes a slower one finds a slot for its next frame.
    private const int SlotsPerRequest = 2;

    /// <summary>Time with a request in flight.</summary>
    public BusyTime BusyTime { get; } = new(time);

    /// <summary>
    /// Infers until <paramref name="frames"/> is completed and empty: a stop completes the queue, and what is in it is
    /// still inferred. The token abandons what is in flight.
    /// </summary>
    /// <exception cref="InferenceException">The engine failed.</exception>
    public async Task RunAsync(FrameQueue frames, InferredFrameHandler handler, CancellationToken cancellationToken)
    {
        // Each holds all there are at most, so writing never waits.
        Channel<ModelRequest> idleRequests = CreateChannel<ModelRequest>(requests.Count);
        Channel<InferenceSlot> idleSlots = CreateChannel<InferenceSlot>(SlotsPerRequest * requests.Count);
        Channel<InferenceSlot> inFlight = CreateChannel<InferenceSlot>(SlotsPerRequest * requests.Count);
        foreach (ModelRequest request in requests)
            idleRequests.Writer.TryWrite(request);
        for (int i = 0; i < SlotsPerRequest * requests.Count; i++)
            idleSlots.Writer.TryWrite(new InferenceSlot(function, BusyTime, idleRequests.Writer));

        Task dispatch = DispatchAsync(frames.Reader, idleRequests.Reader, idleSlots.Reader, inFlight.Writer, cancellationToken);
        try
        {
            await CompleteAsync(inFlight.Reader, idleSlots.Writer, handler, cancellationToken);
        }
        finally
        {
            // Where completing failed, these end the dispatching loop, wherever it waits, and the capture behind it.
            idleRequests.Writer.TryComplete();
            idleSlots.Writer.TryComplete();
            frames.Complete();
            await dispatch;
        }
    }

    private async Task DispatchAsync(
        ChannelReader<Frame> frames,
        ChannelReader<ModelRequest> idleRequests,
        ChannelReader<InferenceSlot> idleSlots,
        ChannelWriter<InferenceSlot> inFlight,
        CancellationToken cancellationToken)
    {
        try
        {
            // Waits without a token: a wait with one allocates. All channels are completed when it is time to end.
            while (await idleRequests.WaitToReadAsync(CancellationToken.None)
                && await idleSlots.WaitToReadAsync(CancellationToken.None)
                && await frames.WaitToReadAsync(CancellationToken.None))
            {
                if (!frames.TryRead(out Frame? frame))
                    continue;
                if (!idleRequests.TryRead(out ModelRequest? request) || !idleSlots.TryRead(out InferenceSlot? slot))
                {
                    // Only when completing failed in between: they are this loop's alone.
                    frame.Dispose();
                    break;
                }

                preprocessor.Run(frame, request.Inputs[0]);
                slot.Start(request, frame, cancellationToken);
                inFlight.TryWrite(slot);
            }

            inFlight.TryComplete();
        }
        catch (Exception exception)
        {
            inFlight.TryComplete(exception);
        }
    }

    private static async Task CompleteAsync(
        ChannelReader<InferenceSlot> inFlight,
        ChannelWriter<InferenceSlot> idleSlots,
        InferredFrameHandler handler,
        CancellationToken cancellationToken)
    {
        while (await inFlight.WaitToReadAsync(CancellationToken.None))
        {
            while (inFlight.TryRead(out InferenceSlot? slot))
            {
                await slot.Done;
                slot.Result = await handler(slot.Frame!, slot.Result, cancellationToken);
                idleSlots.TryWrite(slot);
            }
        }
    }

    private static Channel<T> CreateChannel<T>(int capacity) => Channel.CreateBounded<T>(new BoundedChannelOptions(capacity)
    {
        SingleReader = true,

        // The thread that ends an inference then also prepares and starts the next one, without waiting for another.
        AllowSynchronousContinuations = true,
    });
}
