using System.Text;

namespace EdgeInference.TestServers;

/// <summary>What lies behind the nucleus: its buffer of messages that the broker has not acknowledged, the broker, and those who subscribe.</summary>
internal sealed class NucleusCloud(NucleusSettings settings, NucleusJournal journal)
{
    private readonly Lock _lock = new();
    private readonly List<NucleusPublish> _unacknowledged = [];
    private bool _isConnected = true;
    private bool _acknowledges = true;

    /// <summary>Whether what is published comes back to those who have subscribed to its topic.</summary>
    public bool Echoes { get; set; }

    /// <summary>Whether it comes back before the answer to who has published it.</summary>
    public bool EchoesFirst { get; set; }

    /// <summary>How many messages pass a new subscription by, before it takes effect: nucleus Lite does not wait for the broker's word.</summary>
    public int SubscriptionLag { get; set; }

    /// <summary>How many of the next messages are lost after they were taken, as when the broker's connection dies with them on the way.</summary>
    public int Losses { get; set; }

    /// <summary>Whether the broker is there.</summary>
    public bool IsConnected
    {
        get => _isConnected;
        set => Change(() => _isConnected = value);
    }

    /// <summary>Whether the broker acknowledges; what waits for it is delivered when it does again.</summary>
    public bool Acknowledges
    {
        get => _acknowledges;
        set => Change(() => _acknowledges = value);
    }

    /// <summary>Takes a message, or says what is wrong with it in an error's text.</summary>
    public string? Take(NucleusPublish publish)
    {
        lock (_lock)
        {
            if (FaultOf(publish) is { } fault)
                return fault;
            if (Losses > 0)
            {
                Losses--;
                journal.Settle(publish, NucleusOutcome.Lost);
            }
            else if (_isConnected && (_acknowledges || publish.Qos == 0))
            {
                journal.Settle(publish, NucleusOutcome.Delivered);
            }
            else
            {
                _unacknowledged.Add(publish);
            }

            return null;
        }
    }

    /// <summary>The broker acknowledges this many of those that wait, from the first.</summary>
    public void Acknowledge(int count)
    {
        lock (_lock)
        {
            foreach (NucleusPublish publish in _unacknowledged.Take(count))
                journal.Settle(publish, NucleusOutcome.Delivered);
            _unacknowledged.RemoveRange(0, Math.Min(count, _unacknowledged.Count));
        }
    }

    /// <summary>The nucleus goes down, and its memory with it.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            foreach (NucleusPublish publish in _unacknowledged)
                journal.Settle(publish, NucleusOutcome.Lost);
            _unacknowledged.Clear();
        }
    }

    private void Change(Action change)
    {
        lock (_lock)
            change();
        if (_isConnected && _acknowledges)
            Acknowledge(int.MaxValue);
    }

    private string? FaultOf(NucleusPublish publish)
    {
        if (settings.Kind == NucleusKind.Lite)
        {
            bool fits = publish.Qos == 0
                || (_unacknowledged.Count < settings.MostUnacknowledged && _unacknowledged.Append(publish).Sum(static waiting => PacketLength(waiting.Topic, waiting.Payload)) <= settings.UnacknowledgedBytes);
            return _isConnected && fits ? null : "Failed to publish the message.";
        }

        string? reason = null;
        if (publish.Payload.Length > settings.LongestPayload)
            reason = $"The publishing message size {publish.Payload.Length} bytes exceeds the configured limit of {settings.LongestPayload} bytes";
        else if (!_isConnected && publish.Qos == 0)
            reason = "Device is offline. Dropping QoS 0 message.";
        else if (_unacknowledged.Sum(static waiting => waiting.Payload.Length) + publish.Payload.Length > settings.UnacknowledgedBytes)
            reason = "Message spool is full. Message could not be added.";
        return reason is null ? null : $"Publish to topic {publish.Topic} failed: {reason}";
    }

    /// <summary>Bytes of a message as an MQTT 5 packet.</summary>
    public static int PacketLength(string topic, byte[] payload)
    {
        const int TopicLength = 2, PacketId = 2, Properties = 1;
        int rest = TopicLength + Encoding.UTF8.GetByteCount(topic) + PacketId + Properties + payload.Length;
        return 1 + (rest < 128 ? 1 : rest < 16_384 ? 2 : 3) + rest;
    }
}
