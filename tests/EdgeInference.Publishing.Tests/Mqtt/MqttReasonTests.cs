using EdgeInference.Publishing.Mqtt;

namespace EdgeInference.Publishing.Tests.Mqtt;

/// <summary>What the reasons of MQTT 5 come to.</summary>
public sealed class MqttReasonTests
{
    [Theory]
    [InlineData(0x80, PublishFailure.Temporary, "the broker refuses the report with code 0x80")]
    [InlineData(0x83, PublishFailure.Temporary, "the broker refuses the report with code 0x83")]
    [InlineData(0x87, PublishFailure.Final, "the broker does not allow this client to publish to 'openvino/ssd'")]
    [InlineData(0x90, PublishFailure.Permanent, "the broker refuses the topic 'openvino/ssd'")]
    [InlineData(0x91, PublishFailure.Temporary, "the broker refuses the report with code 0x91")]
    [InlineData(0x95, PublishFailure.Permanent, "the report is too large for the broker")]
    [InlineData(0x97, PublishFailure.Temporary, "a quota of the broker is exceeded")]
    [InlineData(0x99, PublishFailure.Permanent, "the broker refuses the form of the report")]
    public async Task PublishAsync_OneIsRefused_SaysWhoseFaultItIs(byte reason, PublishFailure failure, string message)
    {
        const int refused = 3;
        await using ScriptedBroker broker = ScriptedBroker.Answering(identifier => ScriptedBroker.Confirmation(identifier, identifier == refused ? reason : (byte)0));
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));

        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => rig.PublishAsync(MqttRig.Reports(1, 5)));

        Assert.Equal((failure, refused - 1, message), (exception.Failure, exception.Delivered, exception.Message));
        await rig.PublishAsync(MqttRig.Reports(3, 3));
        Assert.Single(rig.Log.Lines);
    }

    [Fact]
    public async Task PublishAsync_NobodyHasSubscribed_IsDelivered()
    {
        await using ScriptedBroker broker = ScriptedBroker.Answering(static identifier => ScriptedBroker.Confirmation(identifier, 0x10));
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));

        await rig.PublishAsync(MqttRig.Reports(1, 5));
    }

    [Theory]
    [InlineData(0x87, PublishFailure.Final, "it ended the connection: not authorised; may this client publish to 'openvino/ssd'?", MqttRig.NeedsPerson)]
    [InlineData(0x8B, PublishFailure.Temporary, "the connection to the broker ended: it is shutting down", MqttRig.Away)]
    [InlineData(0x8E, PublishFailure.Temporary, "the connection to the broker ended: another client of the same name took the connection over: each needs a ClientId of its own", MqttRig.NeedsPerson)]
    [InlineData(0x90, PublishFailure.Permanent, "it ended the connection: it refuses a topic (topic 'openvino/ssd')", MqttRig.Away)]
    [InlineData(0x95, PublishFailure.Permanent, "it ended the connection: a report is too large (topic 'openvino/ssd')", MqttRig.Away)]
    [InlineData(0x99, PublishFailure.Permanent, "it ended the connection: it refuses the form of a report (topic 'openvino/ssd')", MqttRig.Away)]
    [InlineData(0x9A, PublishFailure.Final, "it ended the connection: it keeps no retained messages; set Retain to false, and no StatusTopic", MqttRig.NeedsPerson)]
    [InlineData(0x9B, PublishFailure.Final, "it ended the connection: it has no QoS 1; set Qos to 0, and no StatusTopic", MqttRig.NeedsPerson)]
    [InlineData(0x97, PublishFailure.Temporary, "the connection to the broker ended: it ended the connection: a quota is exceeded", MqttRig.Away)]
    [InlineData(0xA0, PublishFailure.Temporary, "the connection to the broker ended: it ended the connection with code 0xA0", MqttRig.Away)]
    public async Task PublishAsync_ConnectionIsEnded_TellsTheReason(byte reason, PublishFailure failure, string message, int eventId)
    {
        await using ScriptedBroker broker = ScriptedBroker.Answering(_ => ScriptedBroker.Goodbye(reason));
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));

        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => rig.PublishAsync(MqttRig.Report(1)));

        Assert.Equal((failure, 0, message), (exception.Failure, exception.Delivered, exception.Message));
        await rig.Log.WaitAsync(eventId);
    }

    [Theory]
    [InlineData(0x90)]
    [InlineData(0x95)]
    [InlineData(0x99)]
    public async Task PublishAsync_OneOfSeveralIsToBlame_BlamesNone(byte reason)
    {
        await using ScriptedBroker broker = ScriptedBroker.Answering(identifier => identifier switch
        {
            1 => ScriptedBroker.Confirmation(identifier, 0),
            4 => ScriptedBroker.Goodbye(reason),
            _ => [],
        });
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));
        await rig.PublishAsync(MqttRig.Report(1));

        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => rig.PublishAsync(MqttRig.Reports(2, 3)));

        Assert.Equal((PublishFailure.Temporary, 0), (exception.Failure, exception.Delivered));
    }

    /// <summary>What was sent without a confirmation may have been read late, and be what the broker means.</summary>
    [Fact]
    public async Task PublishAsync_OneIsUnconfirmedAfterOthersOfQos0_IsNotBlamed()
    {
        int publications = 0;
        await using ScriptedBroker broker = ScriptedBroker.Answering(_ => ++publications == 1 ? [] : ScriptedBroker.Goodbye(0x90));
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));
        await using var other = new MqttPublisher(rig.Connection, qos: 0, retain: false);
        await other.PublishAsync(MqttRig.Reports(1, 1), CancellationToken.None);

        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => rig.PublishAsync(MqttRig.Report(2)));

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
    }

    [Fact]
    public async Task PublishAsync_BrokerSaysWhy_ItsWordsAreOneLine()
    {
        await using ScriptedBroker broker = ScriptedBroker.Answering(static _ => ScriptedBroker.Goodbye(0x97, "too much\nfor today"));
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));

        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => rig.PublishAsync(MqttRig.Report(1)));

        Assert.EndsWith("a quota is exceeded ('too much for today')", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x84, MqttRig.NeedsPerson, "it does not speak this version of MQTT: try the other one (Protocol)")]
    [InlineData(0x85, MqttRig.NeedsPerson, "it refuses the client name (ClientId)")]
    [InlineData(0x86, MqttRig.NeedsPerson, "it refuses the user name or password")]
    [InlineData(0x87, MqttRig.NeedsPerson, "it does not authorise this client: check user, password, certificate and client name")]
    [InlineData(0x8A, MqttRig.NeedsPerson, "it has banned this client")]
    [InlineData(0x89, MqttRig.Away, "it is busy or not available")]
    [InlineData(0x80, MqttRig.Away, "it refuses the connection with code 0x80")]
    public async Task Connection_IsRefused_SaysWhy(byte reason, int eventId, string message)
    {
        await using ScriptedBroker broker = ScriptedBroker.Refusing(reason);
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));

        Assert.Contains(message, (await rig.Log.WaitAsync(eventId)).Message, StringComparison.Ordinal);
    }
}
