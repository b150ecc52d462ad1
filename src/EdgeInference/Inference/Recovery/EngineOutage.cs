using System.Globalization;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Inference.Recovery;

/// <summary>Says once that a stream's inference has stopped, and once that it goes on: in the log, and to whoever gets its messages.</summary>
/// <param name="stream">The stream's name.</param>
/// <param name="announce">Takes a message for the stream's publishers, without waiting for them.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The stream's log.</param>
internal sealed partial class EngineOutage(string stream, Action<string> announce, TimeProvider time, ILogger logger)
{
    private bool _isOn;
    private bool _isHopeless;
    private bool _isSlow;
    private long _began;
    private int _attempts;

    /// <summary>Something went wrong; nothing is said while an outage is on.</summary>
    public void Begin(string reason)
    {
        if (_isOn)
            return;
        (_isOn, _isHopeless, _isSlow, _began) = (true, false, false, time.GetTimestamp());
        LogStopped(stream, reason);
        announce($"Inference stopped: {reason}; the engine is rebuilt");
    }

    /// <summary>An engine is being made anew.</summary>
    public void CountAttempt() => _attempts++;

    /// <summary>It takes long: an outage, if none was on before.</summary>
    public void AddSlowAttempt(TimeSpan length)
    {
        if (!_isOn)
            Begin(string.Create(CultureInfo.InvariantCulture, $"compiling the engine takes longer than {length.TotalSeconds:0} s"));
        else if (!_isSlow)
            LogSlow(stream, length.TotalSeconds);
        _isSlow = true;
    }

    /// <summary>An engine could not be made anew: an outage, if none was on before.</summary>
    public void AddFailedAttempt(string reason)
    {
        if (!_isOn)
            Begin(reason);
        else if (!_isHopeless)
            LogCannotRebuild(stream, reason);
        _isHopeless = true;
    }

    /// <summary>The engine of a model that was swapped in failed in its first inferences: it is that of the model before again.</summary>
    public void AddRevert(string model, string before, string reason)
    {
        LogReverted(stream, model, before, reason);
        announce($"Model {model} failed in its first inferences: {reason}; {before} is used again");
    }

    /// <summary>An inference has ended well.</summary>
    public void End()
    {
        int attempts = _attempts;
        _attempts = 0;
        if (!_isOn)
            return;
        _isOn = false;
        TimeSpan length = time.GetElapsedTime(_began);
        LogGoesOn(stream, length.TotalSeconds, attempts);
        announce(string.Create(CultureInfo.InvariantCulture, $"Inference goes on after {length.TotalSeconds:0} s"));
    }

    [LoggerMessage(EventId = 2020, Level = LogLevel.Warning, Message = "{Stream}: inference stopped: {Reason}; the engine is rebuilt until it works again")]
    private partial void LogStopped(string stream, string reason);

    [LoggerMessage(EventId = 2021, Level = LogLevel.Warning, Message = "{Stream}: the engine cannot be rebuilt: {Reason} (said once; tried until it works again)")]
    private partial void LogCannotRebuild(string stream, string reason);

    [LoggerMessage(EventId = 2023, Level = LogLevel.Warning, Message = "{Stream}: compiling the engine takes longer than {Seconds:0} s (said once; waited for until it ends)")]
    private partial void LogSlow(string stream, double seconds);

    [LoggerMessage(EventId = 2024, Level = LogLevel.Warning, Message = "{Stream}: model {Model} failed in its first inferences: {Reason}; {Before} is used again")]
    private partial void LogReverted(string stream, string model, string before, string reason);

    [LoggerMessage(EventId = 2022, Level = LogLevel.Information, Message = "{Stream}: inference goes on after {Seconds:0.0} s, attempts to rebuild the engine: {Attempts}")]
    private partial void LogGoesOn(string stream, double seconds, int attempts);
}
