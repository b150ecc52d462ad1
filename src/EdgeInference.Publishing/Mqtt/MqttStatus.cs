using System.Buffers;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>The messages of <see cref="MqttOptions.StatusTopic"/>.</summary>
internal static class MqttStatus
{
    public static byte[] Online => "online"u8.ToArray();

    public static byte[] Offline => "offline"u8.ToArray();

    public static MqttApplicationMessage Message(string topic, byte[] status) => new()
    {
        Topic = topic,
        Payload = new ReadOnlySequence<byte>(status),
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = true,
    };
}
