namespace EdgeInference.Publishing;

/// <summary>
/// Sends the reports of one stream somewhere. Called by one task, one report at a time, in order. It bounds every wait
/// in time, and lets exceptions out: the loop around it decides by them (<see cref="PublishException"/>).
/// </summary>
public interface IPublisher : IAsyncDisposable
{
    /// <summary>Whether reports need <see cref="Report.Jpeg"/>.</summary>
    bool WantsJpeg => false;

    /// <summary>Whether it takes messages about the stream (<see cref="ReportKind.Lifecycle"/>) too; else it gets results only.</summary>
    bool WantsMessages => false;

    /// <summary>Whether there is no connection, where it waits for one without limit: that counts as failing, though no report has failed.</summary>
    bool IsAway => false;

    /// <summary>Where the reports go, for people and without secrets: a folder, a broker's address.</summary>
    string Destination { get; }

    /// <summary>Returns when the report has arrived.</summary>
    /// <exception cref="PublishException">It has not. Of any other, the loop around it tells whose fault it is: of what <see cref="HttpClient"/> throws by the status, all else may pass.</exception>
    ValueTask PublishAsync(Report report, CancellationToken cancellationToken);
}

/// <summary>A publisher that gains from several reports at once.</summary>
public interface IBatchPublisher : IPublisher
{
    /// <summary>Reports in one call at most, from 1.</summary>
    int MaxReports { get; }

    /// <summary>Returns when all reports have arrived.</summary>
    /// <exception cref="PublishException">Not all have; <see cref="PublishException.Delivered"/> tells how many from the first.</exception>
    ValueTask PublishAsync(IReadOnlyList<Report> reports, CancellationToken cancellationToken);

    ValueTask IPublisher.PublishAsync(Report report, CancellationToken cancellationToken) => PublishAsync([report], cancellationToken);
}

/// <summary>What every publisher's options have. A publisher is configured per stream, under <c>Publishers:&lt;name&gt;</c>.</summary>
public abstract class PublisherOptions
{
    /// <summary>Whether the stream's reports go there; null leaves it to <see cref="PublisherRegistration.IsOnByDefault"/>.</summary>
    public virtual bool? Enabled { get; set; }
}

/// <summary>The stream a publisher works for.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="IsParamStream">True for the stream configured by PARAM_ variables, whose files are named as the samples named them.</param>
/// <param name="InferenceDevice">The device string that its model is configured for, such as CPU.</param>
public sealed record PublisherContext(string Stream, bool IsParamStream, string InferenceDevice);

/// <summary>A kind of publisher: its name in the configuration, its options, and how to make one.</summary>
public sealed record PublisherRegistration(
    string Name, Type OptionsType, Func<IServiceProvider, PublisherContext, PublisherOptions, IPublisher> Create)
{
    /// <summary>Whether its reports go through the outbox: kept until they have arrived, over restarts too.</summary>
    public bool IsDurable { get; init; }

    /// <summary>What may keep it from working on this machine as it is, in the words of a sentence that names it; null for nothing. It must not take long.</summary>
    public Func<PublisherOptions, string?> FindDoubt { get; init; } = static _ => null;

    /// <summary>Whether it is on where <see cref="PublisherOptions.Enabled"/> says nothing.</summary>
    public Func<IServiceProvider, bool> IsOnByDefault { get; init; } = static _ => false;
}
