using EdgeInference.Frames;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Capture;

/// <summary>
/// The pictures that one ffmpeg decodes, read straight into pooled frames. It starts with the first read. One read at a
/// time; a cancelled read ends the source. ffmpeg itself waits whenever nobody reads.
/// </summary>
internal sealed partial class FfmpegSource : IVideoSource
{
    // ffmpeg describes its output before it writes the first picture; only the task that reads it may lag behind.
    private static readonly TimeSpan DeclarationTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly SourceAddress _address;
    private readonly FfmpegCommand _command;
    private readonly SourceOptions _options;
    private readonly FramePool _pool;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FfmpegMessages _messages = new();
    private readonly BlockingCalls<Frame?> _reads;
    private readonly Lock _lock = new();
    private FfmpegProcess? _process;
    private ITimer? _watch;
    private Y4mReader? _reader;
    private (int Width, int Height) _size;
    private ColorMatrix _matrix;
    private ColorRange _range;
    private CancellationToken _cancellation;
    private long _frames;
    private volatile bool _isInterrupted;
    private volatile bool _isStalled;
    private bool _isDisposed;

    public FfmpegSource(
        SourceAddress address,
        FfmpegCommand command,
        SourceOptions options,
        FramePool pool,
        TimeProvider time,
        ILogger logger)
    {
        _address = address;
        _command = command;
        _options = options;
        _pool = pool;
        _time = time;
        _logger = logger;
        _reads = new BlockingCalls<Frame?>(Read, "capture");
    }

    public bool IsLive => _address.IsLive;

    public string DisplayName => _address.DisplayName;

    public long CorruptFrames => _messages.CorruptFrames;

    /// <summary>ffmpeg's process id once it runs.</summary>
    internal int? ProcessId => _process?.Id;

    public ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        _cancellation = cancellationToken;
        return _reads.InvokeAsync();
    }

    /// <summary>Ends ffmpeg and waits until it is gone. Not while a read is under way: cancel that first.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        await _reads.DisposeAsync();
        if (_watch is not null)
            await _watch.DisposeAsync();
        if (_process is not null)
            await _process.DisposeAsync();
    }

    /// <summary>
    /// Runs on the reading thread, which is there to be blocked: an asynchronous method around it would allocate, as its
    /// callers come from ever other threads of the pool.
    /// </summary>
    private Frame? Read()
    {
        CancellationToken cancellationToken = _cancellation;
        StartWatch();
        try
        {
            using (cancellationToken.UnsafeRegister(static source => ((FfmpegSource)source!).Interrupt(), this))
            {
                Frame? frame = ReadNext();
                if (frame is null)
                    EndAsync(cancellationToken).GetAwaiter().GetResult();
                return frame;
            }
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException)
        {
            throw new CaptureException($"{DisplayName}: {failure.Message}", failure);
        }
        finally
        {
            _watch!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private Frame? ReadNext()
    {
        if (_reader is null && !Open())
            return null;
        if (!_reader!.ReadMarker())
            return null;

        Frame frame = _pool.Rent(_size.Width, _size.Height);
        if (!_reader.ReadPlanes(frame.Data.Span))
        {
            frame.Dispose();
            return null;
        }

        frame.Index = ++_frames;
        frame.CapturedAt = _time.GetUtcNow();
        frame.Matrix = _matrix;
        frame.Range = _range;
        return frame;
    }

    private bool Open()
    {
        _address.EnsureExists();
        lock (_lock)
        {
            if (_isInterrupted)
                return false;
            _process = FfmpegProcess.Start(_command, OnMessage, _messages.Complete, _time);
        }

        LogStarted(DisplayName, _process.Id);
        Y4mReader reader = new(_process.Output);
        if (reader.ReadHeader() is not { } size)
            return false;

        if (_messages.WaitForOutput(DeclarationTimeout) is not { } declaration)
        {
            declaration = new StreamDeclaration("", Matrix: null, ColorRange.Limited);
            LogUndeclared(DisplayName);
        }

        _size = size;
        _range = declaration.Range;
        _matrix = _options.ColorMatrix switch
        {
            SourceColorMatrix.Bt601 => ColorMatrix.Bt601,
            SourceColorMatrix.Bt709 => ColorMatrix.Bt709,
            _ => declaration.Matrix ?? ColorMatrix.Bt601,
        };
        _reader = reader;
        LogOpened(DisplayName, size.Width, size.Height, _matrix, _range);
        return true;
    }

    /// <summary>Returns when the source has ended as sources do, and throws when it has not.</summary>
    private async Task EndAsync(CancellationToken cancellationToken)
    {
        int exitCode = _process is null ? 0 : await _process.WaitForExitAsync();
        if (_isStalled)
            throw new CaptureException($"{DisplayName}: {DescribeStall()}.");
        if (_isInterrupted)
            throw new OperationCanceledException("The source was ended by a cancelled read.", cancellationToken);

        IReadOnlyList<FfmpegLine> problems = _messages.Problems;
        bool hasDied = _frames == 0 || exitCode > FfmpegFailure.SignalBase || (IsLive && exitCode != 0);
        if (hasDied || _address.Kind == SourceKind.Camera)
            throw new CaptureException($"{DisplayName}: {FfmpegFailure.Explain(exitCode, _frames, problems)}.");

        FfmpegLine error = problems.LastOrDefault(line => line.Level == FfmpegLevel.Error);
        if (error.Text is null && exitCode == 0)
            LogEnded(DisplayName, _frames);
        else
            LogEndedDamaged(DisplayName, _frames, CorruptFrames, error.Text);
    }

    private string DescribeStall() => _frames == 0
        ? $"no picture within {_options.ConnectTimeout.TotalSeconds:0.#} s (ConnectTimeout)"
        : $"no picture for {_options.StallTimeout.TotalSeconds:0.#} s (StallTimeout)";

    private void StartWatch()
    {
        _watch ??= _time.CreateTimer(
            static source => ((FfmpegSource)source!).OnWatch(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (IsLive)
            _watch.Change(_frames == 0 ? _options.ConnectTimeout : _options.StallTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The read has taken too long, or ffmpeg did not end when it was asked to.</summary>
    private void OnWatch()
    {
        if (_isInterrupted)
        {
            _process?.Kill();
            return;
        }

        _isStalled = true;
        Interrupt();
    }

    /// <summary>Ends ffmpeg, and with it the read that waits for it.</summary>
    private void Interrupt()
    {
        lock (_lock)
        {
            _isInterrupted = true;
            _process?.Terminate();
        }

        _watch!.Change(StopTimeout, Timeout.InfiniteTimeSpan);
    }

    private void OnMessage(string rawLine)
    {
        FfmpegLine line = _messages.Add(rawLine);
        if (line.Level != FfmpegLevel.Info)
            LogMessage(DisplayName, line.Text);
    }
}
