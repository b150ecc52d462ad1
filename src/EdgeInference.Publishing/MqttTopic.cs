using System.Text;

namespace EdgeInference.Publishing;

/// <summary>The rules of topics that reports are published to, over a broker or a nucleus.</summary>
public static class MqttTopic
{
    private const int MaxBytes = 65535;
    private const int MostLetters = 100;

    /// <summary>As much of a topic as a message for people has room for.</summary>
    internal static string Shortened(string topic) => topic.Length <= MostLetters ? topic : $"{topic.AsSpan(0, MostLetters)}…";

    /// <summary>What is wrong with a topic, continuing a sentence that names it; null when nothing is.</summary>
    public static string? FindFault(string topic)
    {
        if (topic.Length == 0)
            return "must not be empty";
        if (topic.AsSpan().IndexOfAny('+', '#', '\0') >= 0)
            return "must not hold '+', '#' or a zero character, which are not for topics that are published to";
        if (Encoding.UTF8.GetByteCount(topic) > MaxBytes)
            return $"must have {MaxBytes} bytes at most";
        return null;
    }
}
