using System.Text;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>The size of an MQTT 5 PUBLISH packet (MQTT 5, 3.3), which is what a broker's Maximum Packet Size is about.</summary>
internal static class MqttPacketSize
{
    private const int LengthBytes = 2;

    public static long OfPublish(MqttApplicationMessage message)
    {
        int properties = 0;
        if (message.PayloadFormatIndicator != MqttPayloadFormatIndicator.Unspecified)
            properties += 2;
        if (message.ContentType is { } type)
            properties += 1 + LengthBytes + Encoding.UTF8.GetByteCount(type);
        foreach (MqttUserProperty property in message.UserProperties ?? [])
            properties += 1 + LengthBytes + Encoding.UTF8.GetByteCount(property.Name) + LengthBytes + property.ValueBuffer.Length;

        int identifier = message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce ? 0 : 2;
        long rest = LengthBytes + Encoding.UTF8.GetByteCount(message.Topic) + identifier
            + LengthOf(properties) + properties + message.Payload.Length;
        return 1 + LengthOf(rest) + rest;
    }

    /// <summary>Bytes of a variable byte integer.</summary>
    private static int LengthOf(long value) => value switch
    {
        < 1 << 7 => 1,
        < 1 << 14 => 2,
        < 1 << 21 => 3,
        _ => 4,
    };
}
