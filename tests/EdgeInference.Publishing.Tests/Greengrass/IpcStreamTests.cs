using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Tests.Greengrass;

public sealed class IpcStreamTests
{
    [Fact]
    public async Task Receive_MessageBeforeTheAnswer_IsNotTakenForIt()
    {
        var messages = new List<EventStreamMessage>();
        var stream = new IpcStream(messages.Add);
        EventStreamMessage early = Message("IoTCoreMessage"), answer = Message("SubscribeToIoTCoreResponse"), later = Message("IoTCoreMessage");

        stream.Receive(early);
        Assert.False(stream.Answer.IsCompleted);
        stream.Receive(answer);
        stream.Receive(later);

        Assert.Same(answer, await stream.Answer);
        Assert.Equal([early, later], messages);
    }

    private static EventStreamMessage Message(string type) => new([EventStreamHeader.Of("service-model-type", $"aws.greengrass#{type}")], "{}"u8.ToArray());
}
