using System.Text.Json;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>Configuration files for runs of the program.</summary>
internal static class Settings
{
    /// <summary>Frames a second of the demo videos, played in real time.</summary>
    public const int VideoRate = 25;

    /// <summary>Writes the section EdgeInference, and another one where the log is to say more.</summary>
    public static async Task<string> WriteAsync(TemporaryFolder folder, object edgeInference, object? serilog = null)
    {
        string path = folder.File($"settings-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new Dictionary<string, object?> { ["EdgeInference"] = edgeInference, ["Serilog"] = serilog ?? new { } }));
        return path;
    }

    /// <summary>A stream that plays the classifier's video round and round at its own rate.</summary>
    public static Dictionary<string, object> LiveStream(object publishers, string interval = "100ms") => new()
    {
        ["Source"] = new { Input = DemoFiles.Inspection, Loop = true, RealTime = true },
        ["Model"] = new { Path = DemoFiles.Classifier },
        ["ReportingInterval"] = interval,
        ["IncludeId"] = true,
        ["Publishers"] = publishers,
    };
}
