using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Kinesis;
using EdgeInference.Publishing.LocalJpeg;
using EdgeInference.Publishing.Log;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Publishing.S3;
using EdgeInference.Publishing.StandardOutput;
using EdgeInference.Publishing.Webhook;

namespace EdgeInference.Publishing;

/// <summary>The publishers that come with the service. A new one is a class, its options, and a line here.</summary>
public static class BuiltInPublishers
{
    public static IReadOnlyList<PublisherRegistration> All { get; } =
    [
        LogPublisher.Registration,
        StandardOutputPublisher.Registration,
        MqttPublisher.Registration,
        GreengrassPublisher.Registration,
        KinesisPublisher.Registration,
        S3Publisher.Registration,
        LocalJpegPublisher.Registration,
        WebhookPublisher.Registration,
    ];
}
