using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>What a broker's refusal of a publication means for the report.</summary>
internal static class MqttRefusal
{
    // MQTT 5, 3.4.2.1; MQTTnet's enumeration leaves it out.
    private const int PacketTooLarge = 0x95;

    /// <summary>Null when the broker has taken it.</summary>
    public static PublishException? Of(MqttClientPublishResult result, string topic)
    {
        if (result.IsSuccess)
            return null;
        (PublishFailure failure, string reason) = result.ReasonCode switch
        {
            MqttClientPublishReasonCode.NotAuthorized => (PublishFailure.Final, $"the broker does not allow this client to publish to '{topic}'"),
            MqttClientPublishReasonCode.TopicNameInvalid => (PublishFailure.Permanent, $"the broker refuses the topic '{topic}'"),
            MqttClientPublishReasonCode.PayloadFormatInvalid => (PublishFailure.Permanent, "the broker refuses the form of the report"),
            (MqttClientPublishReasonCode)PacketTooLarge => (PublishFailure.Permanent, "the report is too large for the broker"),
            MqttClientPublishReasonCode.QuotaExceeded => (PublishFailure.Temporary, "a quota of the broker is exceeded"),
            _ => (PublishFailure.Temporary, $"the broker refuses the report with code 0x{(int)result.ReasonCode:X2}"),
        };
        return new PublishException(failure, reason + MqttTrouble.Quote(result.ReasonString));
    }

    /// <summary>What the answer to a subscription of one topic means: null when the broker has accepted it.</summary>
    public static string? Of(MqttClientSubscribeResult result, string topic) => result.Items.Single().ResultCode switch
    {
        MqttClientSubscribeResultCode.GrantedQoS0 or MqttClientSubscribeResultCode.GrantedQoS1 or MqttClientSubscribeResultCode.GrantedQoS2 => null,
        MqttClientSubscribeResultCode.NotAuthorized => $"the broker does not allow this client to subscribe to '{topic}'",
        MqttClientSubscribeResultCode.TopicFilterInvalid => $"the broker refuses the topic '{topic}'",

        // All that MQTT 3.1.1 can say.
        MqttClientSubscribeResultCode.UnspecifiedError => $"the broker refuses the subscription; may this client subscribe to '{topic}'?",
        var code => $"the broker refuses the subscription to '{topic}' with code 0x{(int)code:X2}",
    };

    /// <summary>For a publication that was not confirmed when the connection ended.</summary>
    public static PublishException OfEnd(MqttTrouble trouble, string topic) => trouble.DisconnectReason switch
    {
        MqttDisconnectReasonCode.NotAuthorized =>
            new PublishException(PublishFailure.Final, $"{trouble.Reason}; may this client publish to '{topic}'?"),

        MqttDisconnectReasonCode.RetainNotSupported or MqttDisconnectReasonCode.QoSNotSupported => new PublishException(PublishFailure.Final, trouble.Reason),

        // Among several nobody knows which one the broker meant, and an innocent one would be set aside.
        MqttDisconnectReasonCode.PacketTooLarge or MqttDisconnectReasonCode.TopicNameInvalid or MqttDisconnectReasonCode.PayloadFormatInvalid
            when trouble.Unconfirmed == 1 => new PublishException(PublishFailure.Permanent, $"{trouble.Reason} (topic '{topic}')"),
        _ => new PublishException(PublishFailure.Temporary, $"the connection to the broker ended: {trouble.Reason}"),
    };
}
