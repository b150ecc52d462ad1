using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Publishing.Outbox;

namespace EdgeInference.Service.Options;

/// <summary>The section EdgeInference of the configuration.</summary>
public sealed partial class EdgeInferenceOptions
{
    /// <summary>The streams: any number, each isolated from the others.</summary>
    public List<StreamOptions> Streams { get; set; } = [];

    /// <summary>The MQTT broker.</summary>
    public MqttOptions Mqtt { get; set; } = new();

    /// <summary>The Greengrass nucleus, where it runs the service.</summary>
    public GreengrassOptions Greengrass { get; set; } = new();

    /// <summary>Where reports are kept until they are delivered.</summary>
    public OutboxOptions Outbox { get; set; } = new();

    /// <summary>The OpenVINO that is found on the machine.</summary>
    public OpenVinoOptions OpenVino { get; set; } = new();

    /// <summary>Where models are kept as they were optimised.</summary>
    public CacheOptions Cache { get; set; } = new();
}
