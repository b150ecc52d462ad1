using System.Text.Json;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>Configuration files for runs of the program.</summary>
internal static class Settings
{
    /// <summary>The name of the stream that others are compared with.</summary>
    public const string Control = "control";

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

    /// <summary>The same stream with nothing to publish but to standard output, so that nothing of publishing can hold it up.</summary>
    public static Dictionary<string, object> ControlStream()
    {
        Dictionary<string, object> stream = LiveStream(interval: "50ms", publishers: new
        {
            StandardOutput = new { Enabled = true },
            Log = new { Enabled = false },
            Mqtt = new { Enabled = false },
        });
        stream["Name"] = Control;
        return stream;
    }
}
