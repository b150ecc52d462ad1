using System.Text.Json;

namespace EdgeInference.TestServers;

/// <summary>The body of a request to publish or to subscribe.</summary>
internal sealed record NucleusRequest(string Topic, int Qos, byte[] Payload)
{
    private static readonly string[] s_subscribing = ["topicName", "qos"];

    private static readonly string[] s_publishing =
    [
        .. s_subscribing, "payload", "retain", "userProperties", "messageExpiryIntervalSeconds", "correlationData", "responseTopic", "payloadFormat", "contentType",
    ];

    /// <exception cref="NucleusProtocolException">It is not what the service's model says.</exception>
    public static NucleusRequest Publish(byte[] body)
    {
        Dictionary<string, JsonElement> members = Members(body, s_publishing);
        string topic = TopicOf(members);
        if (NucleusTopics.FaultOf(topic) is { } fault)
            throw new NucleusProtocolException(fault);
        return new NucleusRequest(topic, QosOf(members), PayloadOf(members));
    }

    /// <exception cref="NucleusProtocolException">It is not what the service's model says.</exception>
    public static NucleusRequest Subscribe(byte[] body)
    {
        Dictionary<string, JsonElement> members = Members(body, s_subscribing);
        return new NucleusRequest(TopicOf(members), QosOf(members), []);
    }

    private static Dictionary<string, JsonElement> Members(byte[] body, string[] known)
    {
        JsonElement root;
        try
        {
            root = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false }).RootElement;
        }
        catch (JsonException exception)
        {
            throw new NucleusProtocolException("body that is not JSON", exception);
        }

        if (root.ValueKind != JsonValueKind.Object)
            throw new NucleusProtocolException("body that is not a JSON object");
        Dictionary<string, JsonElement> members = root.EnumerateObject().ToDictionary(static member => member.Name, static member => member.Value);
        if (members.Keys.Except(known).FirstOrDefault() is { } unknown)
            throw new NucleusProtocolException($"unknown member {unknown}");
        return members;
    }

    private static string TopicOf(Dictionary<string, JsonElement> members) => TextOf(members, "topicName");

    // Classic nuclei want it, as a text.
    private static int QosOf(Dictionary<string, JsonElement> members) => TextOf(members, "qos") switch
    {
        "0" => 0,
        "1" => 1,
        _ => throw new NucleusProtocolException("qos that is neither \"0\" nor \"1\""),
    };

    private static byte[] PayloadOf(Dictionary<string, JsonElement> members)
    {
        string text = TextOf(members, "payload");
        byte[] bytes = new byte[text.Length];

        // Encoding it again tells of blanks and of bits that are not zero, which nucleus Lite refuses.
        if (!Convert.TryFromBase64String(text, bytes, out int length) || Convert.ToBase64String(bytes, 0, length) != text)
            throw new NucleusProtocolException("payload that is not base64");
        return bytes[..length];
    }

    private static string TextOf(Dictionary<string, JsonElement> members, string name) =>
        members.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new NucleusProtocolException($"no {name}, or not as a text");
}
