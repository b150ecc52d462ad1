using EdgeInference.Frames;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Capture;

/// <summary>
/// The images of a folder in the ordinal order of their names, one frame each. One ffmpeg decodes one run of images of
/// the same codec; within a run all take the size of its first.
/// </summary>
internal sealed class ImageFolderSource(
    SourceAddress address, SourceOptions options, FramePool pool, TimeProvider time, ILogger logger) : IVideoSource
{
    private Queue<IReadOnlyList<string>>? _runs;
    private FfmpegSource? _run;
    private long _frames;
    private long _framesOfThisRound;
    private long _corruptFramesOfPastRuns;
    private CaptureException? _failure;

    public bool IsLive => false;

    public string DisplayName => address.DisplayName;

    public long CorruptFrames => _corruptFramesOfPastRuns + (_run?.CorruptFrames ?? 0);

    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken)
    {
        _runs ??= FindRuns();
        while (true)
        {
            if (_run is null && !BeginRun())
                return _frames == 0 && _failure is not null ? throw _failure : null;
            try
            {
                if (await _run!.ReadAsync(cancellationToken) is { } frame)
                {
                    _framesOfThisRound++;
                    frame.Index = ++_frames;
                    return frame;
                }
            }
            catch (CaptureException failure)
            {
                // A run without one good image is passed over, unless the whole folder is such.
                _failure = failure;
            }

            await EndRunAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_run is not null)
            await _run.DisposeAsync();
    }

    private bool BeginRun()
    {
        if (_runs!.Count == 0 && options.Loop && _framesOfThisRound > 0)
        {
            _framesOfThisRound = 0;
            _runs = FindRuns();
        }

        if (!_runs.TryDequeue(out IReadOnlyList<string>? images))
            return false;
        _run = new FfmpegSource(address, FfmpegArguments.ForImages(options, images), options, pool, time, logger);
        return true;
    }

    private async Task EndRunAsync()
    {
        _corruptFramesOfPastRuns += _run!.CorruptFrames;
        await _run.DisposeAsync();
        _run = null;
    }

    private Queue<IReadOnlyList<string>> FindRuns()
    {
        try
        {
            Queue<IReadOnlyList<string>> runs = new(ImageFolder.FindRuns(address.Target));
            return runs.Count > 0
                ? runs
                : throw new CaptureException($"{DisplayName}: the folder holds no .jpg, .jpeg, .png or .bmp file.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CaptureException($"{DisplayName}: the folder cannot be read: {failure.Message}", failure);
        }
    }
}
