using System.Diagnostics.CodeAnalysis;
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
/// Runs a model on every frame with several requests in flight. One loop fills requests in frame order, a second one
/// awaits them in the same order, so results need no sorting. Nothing is allocated per frame.
/// </summary>
internal sealed class InferencePipeline(
    IReadOnlyList<ModelRequest> requests, Preprocessor preprocessor, IInferenceFunction function, TimeProvider time)
{
    /// <summary>Time with a request in flight.</summary>
    public BusyTime BusyTime { get; } = new(time);

    /// <summary>
    /// Infers until <paramref name="frames"/> is completed and empty: a stop completes the queue, and what is in it is
    /// still inferred. The token abandons what is in flight.
    /// </summary>
    /// <exception cref="InferenceException">The engine failed.</exception>
    public async Task RunAsync(FrameQueue frames, InferredFrameHandler handler, CancellationToken cancellationToken)
    {
        // Both hold every slot at most, so writing never waits.
        Channel<Slot> idle = CreateSlotChannel();
        Channel<Slot> inFlight = CreateSlotChannel();
        foreach (ModelRequest request in requests)
            idle.Writer.TryWrite(new Slot(request, function.CreateResult()));

        Task dispatch = DispatchAsync(frames.Reader, idle.Reader, inFlight.Writer, cancellationToken);
        try
        {
            await CompleteAsync(inFlight.Reader, idle.Writer, handler, cancellationToken);
        }
        finally
        {
            // Where completing failed, these end the dispatching loop, wherever it waits, and the capture behind it.
            idle.Writer.TryComplete();
            frames.Complete();
            await dispatch;
        }
    }

    private async Task DispatchAsync(
        ChannelReader<Frame> frames, ChannelReader<Slot> idle, ChannelWriter<Slot> inFlight, CancellationToken cancellationToken)
    {
        try
        {
            // Waits without a token: a wait with one allocates. Both channels are completed when it is time to end.
            while (await idle.WaitToReadAsync(CancellationToken.None) && await frames.WaitToReadAsync(CancellationToken.None))
            {
                if (!frames.TryRead(out Frame? frame))
                    continue;
                if (!idle.TryRead(out Slot? slot))
                {
                    frame.Dispose();
                    continue;
                }

                slot.Frame = frame;
                preprocessor.Run(frame, slot.Request.Inputs[0]);
                BusyTime.Begin();
                slot.Start(cancellationToken);
                inFlight.TryWrite(slot);
            }

            inFlight.TryComplete();
        }
        catch (Exception exception)
        {
            inFlight.TryComplete(exception);
        }
    }

    private async Task CompleteAsync(
        ChannelReader<Slot> inFlight, ChannelWriter<Slot> idle, InferredFrameHandler handler, CancellationToken cancellationToken)
    {
        while (await inFlight.WaitToReadAsync(CancellationToken.None))
        {
            while (inFlight.TryRead(out Slot? slot))
            {
                await slot.Inference;
                BusyTime.End();
                slot.Request.Complete();
                function.Evaluate(slot.Request.Outputs, slot.Result);
                slot.Result = await handler(slot.Frame!, slot.Result, cancellationToken);
                idle.TryWrite(slot);
            }
        }
    }

    private Channel<Slot> CreateSlotChannel() => Channel.CreateBounded<Slot>(new BoundedChannelOptions(requests.Count)
    {
        SingleReader = true,
        SingleWriter = true,

        // The thread that ends an inference then also prepares and starts the next one, without waiting for another.
        AllowSynchronousContinuations = true,
    });

    private sealed class Slot(ModelRequest request, InferenceResult result)
    {
        public ModelRequest Request { get; } = request;

        public InferenceResult Result { get; set; } = result;

        public Frame? Frame { get; set; }

        /// <summary>Awaited once after each <see cref="Start"/>.</summary>
        public ValueTask Inference { get; private set; }

        [SuppressMessage("Reliability", "CA2012", Justification = "Kept until the completing loop awaits it, once.")]
        public void Start(CancellationToken cancellationToken) => Inference = Request.InferAsync(cancellationToken);
    }
}
