using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>Sends reports to the MQTT broker of the section Mqtt.</summary>
public sealed class MqttPublisherOptions : PublisherOptions
{
    /// <summary>Whether reports go to the broker. Default: true where the broker's Host is set.</summary>
    public override bool? Enabled { get; set; }

    /// <summary>1: a report counts as delivered when the broker has confirmed it, and may arrive twice. 0: as soon as it is sent, so that a broken connection loses some.</summary>
    [Range(0, 1)]
    public int Qos { get; set; } = 1;

    /// <summary>Whether the broker keeps the latest report of each topic for clients that subscribe later.</summary>
    public bool Retain { get; set; }
}
