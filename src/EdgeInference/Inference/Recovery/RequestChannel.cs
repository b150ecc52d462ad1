using System.Threading.Channels;

namespace EdgeInference.Inference.Recovery;

/// <summary>The channels of the inference loops: bounded to all that there is, so that writing never waits.</summary>
internal static class RequestChannel
{
    public static Channel<T> Create<T>(int capacity, BoundedChannelFullMode fullMode = BoundedChannelFullMode.Wait) => Channel.CreateBounded<T>(new BoundedChannelOptions(capacity)
    {
        FullMode = fullMode,
        SingleReader = true,

        // The thread that ends an inference then also prepares and starts the next one, without waiting for another.
        AllowSynchronousContinuations = true,
    });
}
