using System.Text.Json;

namespace EdgeInference.Integration.Tests.Lifetime;

/// <summary>The reports that a service writes to standard output.</summary>
internal static class Reports
{
    /// <summary>The frame_ids of the next reports.</summary>
    public static async Task<long[]> ReadFramesAsync(RunningService service, int count)
    {
        long[] frames = new long[count];
        for (int i = 0; i < count; i++)
        {
            using JsonDocument report = JsonDocument.Parse(await service.ReadOutputAsync() ?? throw new InvalidOperationException($"The program ended:\n{service.Log}"));
            frames[i] = report.RootElement.GetProperty("frame_id").GetInt64();
        }

        return frames;
    }

    /// <summary>Those that come after all that are there already.</summary>
    public static async Task<long[]> ReadFramesAfterAsync(RunningService service, long frame, int count)
    {
        long first;
        do
            first = (await ReadFramesAsync(service, 1))[0];
        while (first <= frame);
        return [first, .. await ReadFramesAsync(service, count - 1)];
    }
}
