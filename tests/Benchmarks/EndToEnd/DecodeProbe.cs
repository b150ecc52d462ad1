using System.Globalization;
using EdgeInference.Capture;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>ffmpeg alone, called as the service calls it.</summary>
internal sealed class DecodeProbe(string video)
{
    private const string ProgressPrefix = "frame=";
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    private readonly FfmpegCommand _command = CreateCommand(video);

    /// <summary>Pictures into a pipe, read as the service reads them and thrown away.</summary>
    public async Task<Sample> MeasurePipeAsync(TimeSpan duration)
    {
        await using FfmpegProcess ffmpeg = Start(_command);
        return await Task.Run(() =>
        {
            var reader = new Y4mReader(ffmpeg.Output);
            (int width, int height) = reader.ReadHeader() ?? throw new InvalidOperationException($"{video} does not decode.");
            byte[] planes = GC.AllocateArray<byte>(Frames.Frame.SizeOf(width, height), pinned: true);
            return Measure(ffmpeg, duration, () =>
            {
                reader.ReadMarker();
                reader.ReadPlanes(planes);
                return 1;
            });
        });
    }

    /// <summary>Pictures decoded and not written.</summary>
    public async Task<Sample> MeasureNullAsync(TimeSpan duration)
    {
        string[] arguments = [.. _command.Arguments.SkipLast(3), "-stats_period", "0.05", "-progress", "pipe:1", "-f", "null", "-"];
        await using FfmpegProcess ffmpeg = Start(new FfmpegCommand(arguments));
        return await Task.Run(() =>
        {
            using var progress = new StreamReader(ffmpeg.Output);
            int decoded = 0;
            return Measure(ffmpeg, duration, () =>
            {
                int before = decoded;
                decoded = ReadProgress(progress);
                return decoded - before;
            });
        });
    }

    /// <param name="ffmpeg">What is measured.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="advance">Waits for frames and returns their number.</param>
    private static Sample Measure(FfmpegProcess ffmpeg, TimeSpan duration, Func<int> advance)
    {
        var warmUp = new Meter();
        while (warmUp.Elapsed < WarmUp)
            advance();

        var meter = new Meter(ffmpeg.Id);
        int frames = 0;
        while (meter.Elapsed < duration)
            frames += advance();
        return meter.Read(frames);
    }

    private static int ReadProgress(StreamReader progress)
    {
        while (progress.ReadLine() is { } line)
        {
            if (line.StartsWith(ProgressPrefix, StringComparison.Ordinal))
                return int.Parse(line.AsSpan(ProgressPrefix.Length), CultureInfo.InvariantCulture);
        }

        throw new InvalidOperationException("ffmpeg has ended.");
    }

    private static FfmpegCommand CreateCommand(string video)
    {
        var options = new SourceOptions { Input = video, Loop = true };
        return FfmpegArguments.ForSource(options, SourceAddress.Parse(options.Input));
    }

    private static FfmpegProcess Start(FfmpegCommand command) =>
        FfmpegProcess.Start(command, static _ => { }, static () => { }, TimeProvider.System);
}
