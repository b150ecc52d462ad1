using System.Text;

namespace EdgeInference.TestServers;

/// <summary>Topics against MQTT's filters and against the resources of an access control policy.</summary>
internal static class NucleusTopics
{
    private const int LongestName = 256;
    private const int MostSlashes = 7;

    /// <summary>What AWS IoT Core has against a topic that is published to; null: nothing.</summary>
    public static string? FaultOf(string topic) => topic switch
    {
        "" => "empty topic",
        _ when topic.AsSpan().IndexOfAny('+', '#', '\0') >= 0 => "topic with a wildcard or a NUL",
        _ when Encoding.UTF8.GetByteCount(topic) > LongestName => "topic longer than 256 bytes",
        _ when topic.Count(static letter => letter == '/') > MostSlashes => "topic of more than eight levels",
        _ => null,
    };

    /// <summary>Whether a resource of a policy covers a topic or a filter: as a text with * for any letters, or as MQTT's filter.</summary>
    /// <remarks>Nucleus Lite allows nobody a topic with a question mark or "${", whatever the policy says.</remarks>
    public static bool Covers(string resource, string topic) =>
        !topic.Contains('?') && !topic.Contains("${", StringComparison.Ordinal) && (IsLike(resource, topic) || Matches(resource, topic));

    /// <summary>Whether a subscriber with this filter gets what is published to the topic.</summary>
    public static bool Matches(string filter, string topic)
    {
        string[] wanted = filter.Split('/');
        string[] levels = topic.Split('/');
        for (int level = 0; level < wanted.Length; level++)
        {
            if (wanted[level] == "#")
                return true;
            if (level >= levels.Length || (wanted[level] != "+" && wanted[level] != levels[level]))
                return false;
        }

        return wanted.Length == levels.Length;
    }

    private static bool IsLike(string pattern, string text)
    {
        string[] parts = pattern.Split('*');
        if (parts.Length == 1)
            return pattern == text;
        if (!text.StartsWith(parts[0], StringComparison.Ordinal))
            return false;
        string rest = text[parts[0].Length..];
        foreach (string part in parts[1..^1])
        {
            int at = rest.IndexOf(part, StringComparison.Ordinal);
            if (at < 0)
                return false;
            rest = rest[(at + part.Length)..];
        }

        return rest.EndsWith(parts[^1], StringComparison.Ordinal);
    }
}
