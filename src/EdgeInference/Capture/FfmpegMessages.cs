namespace EdgeInference.Capture;

/// <summary>
/// What one ffmpeg has written so far: its last problems, how many frames were corrupt, and what its output looks like.
/// Written by the task that reads standard error, read by any thread.
/// </summary>
internal sealed class FfmpegMessages
{
    // Enough for the cause of an end to be among them; a damaged picture writes about ten lines.
    private const int Kept = 32;

    private readonly object _lock = new();
    private readonly Queue<FfmpegLine> _problems = new(Kept);
    private StreamDeclaration? _output;
    private bool _isAboutOutput;
    private bool _isComplete;
    private long _corruptFrames;

    public long CorruptFrames => Interlocked.Read(ref _corruptFrames);

    /// <summary>The last warnings and errors, oldest first, without credentials.</summary>
    public IReadOnlyList<FfmpegLine> Problems
    {
        get
        {
            lock (_lock)
                return [.. _problems];
        }
    }

    /// <summary>Takes one line and gives it back understood and without credentials.</summary>
    public FfmpegLine Add(string rawLine)
    {
        FfmpegLine line = FfmpegLine.Parse(Redaction.Redact(rawLine));
        if (line.IsCorruptFrame)
            Interlocked.Increment(ref _corruptFrames);
        if (line.Level == FfmpegLevel.Info)
            LookForOutput(line.Text);
        else
            Keep(line);
        return line;
    }

    /// <summary>No more lines will come.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Blocks for the output's declaration; null when ffmpeg ended without one, or has written none in that time.</summary>
    public StreamDeclaration? WaitForOutput(TimeSpan timeout)
    {
        lock (_lock)
        {
            if (_output is null && !_isComplete)
                Monitor.Wait(_lock, timeout);
            return _output;
        }
    }

    private void LookForOutput(string text)
    {
        if (text.StartsWith("Output #0", StringComparison.Ordinal))
            _isAboutOutput = true;
        else if (_isAboutOutput && _output is null && StreamDeclaration.TryParse(text) is { } declaration)
        {
            lock (_lock)
            {
                _output = declaration;
                Monitor.PulseAll(_lock);
            }
        }
    }

    private void Keep(FfmpegLine line)
    {
        lock (_lock)
        {
            if (_problems.Count == Kept)
                _problems.Dequeue();
            _problems.Enqueue(line);
        }
    }
}
