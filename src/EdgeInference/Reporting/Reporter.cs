using System.Globalization;
using System.Text;
using EdgeInference.Annotation;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Inference;
using EdgeInference.Publishing;

namespace EdgeInference.Reporting;

/// <summary>What every report of a stream says about the stream itself.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="Topic">The topic of its reports.</param>
internal sealed record ReportSubject(string Stream, string Topic);

/// <summary>
/// Once in each interval, and when it is asked to, turns the newest result into a <see cref="Report"/> and hands it to the
/// publishers. Owns the frames it is given; annotates and encodes a picture only for a report, and only when a publisher wants it.
/// </summary>
internal sealed class Reporter(
    ReportSubject subject,
    ReportingOptions options,
    ReportingControl control,
    Func<string> model,
    PublisherSet publishers,
    FrameAnnotator annotator,
    IJpegEncoder encoder,
    BusyTime busyTime,
    TimeProvider time)
{
    private readonly ReportSchedule _schedule = new(control, time);
    private readonly InferenceRate _rate = new();
    private readonly ReportTimes _times = new();
    private (InferenceResult Result, ResultPool Results)? _lastReported;
    private (Frame Frame, InferenceResult Result, ResultPool Results)? _unreported;
    private volatile bool _isPublishing;
    private long _inferred;
    private long _reports;

    /// <summary>Frames inferred so far.</summary>
    public long Inferred => Interlocked.Read(ref _inferred);

    /// <summary>Results reported so far.</summary>
    public long Reports => Interlocked.Read(ref _reports);

    /// <summary>Whether a report is waiting for room at the publishers.</summary>
    public bool IsPublishing => _isPublishing;

    /// <summary>An <see cref="InferredFrameHandler"/>: keeps the newest result, and reports it when one is due.</summary>
    public ValueTask AcceptAsync(Frame frame, InferenceResult result, ResultPool results, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _inferred);
        bool isDue = _schedule.IsDue && IsOfInterest(result);
        if (isDue || _schedule.IsRequested)
            return ReportAsync(frame, result, results, isDue, cancellationToken);

        DropUnreported();
        _unreported = (frame, result, results);
        return ValueTask.CompletedTask;
    }

    /// <summary>The source has ended: reports the newest frame unless that has been done.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_unreported is not { } newest)
            return;
        _unreported = null;
        if (IsOfInterest(newest.Result) || control.IsRequested)
            await ReportAsync(newest.Frame, newest.Result, newest.Results, isDue: true, cancellationToken);
        else
            newest.Frame.Dispose();
    }

    /// <summary>Publishes a plain-text message about the stream.</summary>
    public ValueTask AnnounceAsync(string message, CancellationToken cancellationToken) => publishers.PublishAsync(
        new Report
        {
            Id = ReportId.Create(time.GetUtcNow()),
            Stream = subject.Stream,
            Model = model(),
            Kind = ReportKind.Lifecycle,
            Timestamp = time.GetUtcNow(),
            Topic = subject.Topic,
            Payload = Encoding.UTF8.GetBytes(message),
            Summary = message,
        },
        cancellationToken);

    private bool IsOfInterest(InferenceResult result) => options.ReportWhen switch
    {
        ReportWhen.Always => true,
        ReportWhen.Detections => !result.IsEmpty,
        _ => _lastReported is not { } last || !result.SameContentAs(last.Result),
    };

    /// <param name="frame">Disposed of here.</param>
    /// <param name="result">What was found in it.</param>
    /// <param name="results">Where that goes once another one is reported.</param>
    /// <param name="isDue">False for a report that was asked for between two of the schedule's.</param>
    /// <param name="cancellationToken">Abandons the publishing.</param>
    private async ValueTask ReportAsync(Frame frame, InferenceResult result, ResultPool results, bool isDue, CancellationToken cancellationToken)
    {
        // What waited behind this frame is out of date, also if publishing fails.
        DropUnreported();
        using (frame)
        {
            Report report = CreateReport(frame, result, results.Model);
            if (isDue)
                _schedule.Advance();
            ReportRequest? request = _schedule.TakeRequest(new ReportReceipt(report.Id, report.Timestamp, frame.Index));
            Interlocked.Increment(ref _reports);
            _isPublishing = true;
            await publishers.PublishAsync(report, cancellationToken);
            _isPublishing = false;
            request?.Complete();
        }

        if (_lastReported is { } last)
            last.Results.Return(last.Result);
        _lastReported = (result, results);
    }

    private void DropUnreported()
    {
        if (_unreported is not { } outdated)
            return;
        outdated.Frame.Dispose();
        outdated.Results.Return(outdated.Result);
        _unreported = null;
    }

    private Report CreateReport(Frame frame, InferenceResult result, string modelName)
    {
        DateTimeOffset timestamp = _times.Next(frame.CapturedAt);
        Guid id = ReportId.Create(timestamp);
        double framesPerSecond = _rate.Measure(Inferred, busyTime.Total);
        byte[] payload = ReportPayload.Write(
            result,
            new ReportStamp(timestamp, frame.Index, framesPerSecond),
            options.Decimals,
            options.IncludeId ? new ReportIdentity(id.ToString(), subject.Stream, modelName) : null);

        ReadOnlyMemory<byte>? jpeg = null;
        if (publishers.WantJpeg)
        {
            annotator.Draw(frame, result);
            jpeg = encoder.Encode(frame, options.JpegQuality);
        }

        return new Report
        {
            Id = id,
            Stream = subject.Stream,
            Model = modelName,
            Kind = ReportKind.Result,
            Timestamp = timestamp,
            Topic = subject.Topic,
            Payload = payload,
            Summary = string.Create(
                CultureInfo.InvariantCulture, $"frame {frame.Index}: {result.Describe()} ({framesPerSecond:0.0} fps)"),
            Jpeg = jpeg,
        };
    }
}
