using System.Text;

namespace EdgeInference.TestServers;

/// <summary>Something that a client did and that one nucleus or the other does not take, or takes only out of kindness.</summary>
internal sealed record NucleusViolation(int Connection, int Stream, string Reason);

/// <summary>How far a publish request came.</summary>
internal enum NucleusOutcome
{
    /// <summary>Answered with an error: nothing is kept of it.</summary>
    Refused,

    /// <summary>Taken; the cloud does not have it yet.</summary>
    Waiting,

    /// <summary>In the cloud.</summary>
    Delivered,

    /// <summary>Taken, and gone before the cloud had it.</summary>
    Lost,
}

/// <summary>A publish request.</summary>
internal sealed class NucleusPublish(int connection, int stream, string topic, int qos, byte[] payload)
{
    public int Connection => connection;

    public int Stream => stream;

    public string Topic => topic;

    public int Qos => qos;

    public byte[] Payload => payload;

    public string Text => Encoding.UTF8.GetString(payload);

    public NucleusOutcome Outcome { get; set; } = NucleusOutcome.Waiting;

    /// <summary>What it was refused with; else empty.</summary>
    public string Error { get; set; } = "";

    /// <summary>Whether the client has ended its stream, and so has its answer; nucleus Lite leaves that to it.</summary>
    public bool IsEnded { get; set; }

    public override string ToString() => $"{topic} (QoS {qos}, {payload.Length} bytes): {Outcome} {Error}".TrimEnd();
}

/// <summary>A connection of a client.</summary>
internal sealed class NucleusClient(int number)
{
    /// <summary>1 for the first since the server was made.</summary>
    public int Number => number;

    public string? Token { get; set; }

    /// <summary>Whether it has shown a valid token.</summary>
    public bool IsAuthenticated { get; set; }

    /// <summary>Why it was closed; null while it is open.</summary>
    public string? End { get; set; }
}

/// <summary>What a client has subscribed to.</summary>
internal sealed class NucleusSubscription(int connection, int stream, string filter, int qos)
{
    public int Connection => connection;

    public int Stream => stream;

    public string Filter => filter;

    public int Qos => qos;

    /// <summary>How many messages still pass it by, before it takes effect.</summary>
    public int Lag { get; set; }

    /// <summary>Whether the nucleus has lost it, of which it says nothing.</summary>
    public bool IsLost { get; set; }

    public bool IsEnded { get; set; }
}
