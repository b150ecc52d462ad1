namespace EdgeInference.Publishing;

/// <summary>
/// Sends the reports of one stream somewhere. Called by one task, one report at a time, in order; exceptions are let
/// out: the loop around it counts and logs them.
/// </summary>
public interface IPublisher : IAsyncDisposable
{
    /// <summary>Whether reports need <see cref="Report.Jpeg"/>.</summary>
    bool WantsJpeg { get; }

    /// <summary>Where the reports go, for people: a folder, a broker's address.</summary>
    string Destination { get; }

    ValueTask PublishAsync(Report report, CancellationToken cancellationToken);
}

/// <summary>What every publisher's options have. A publisher is configured per stream, under <c>Publishers:&lt;name&gt;</c>.</summary>
public abstract class PublisherOptions
{
    /// <summary>Whether the stream's reports go there.</summary>
    public virtual bool Enabled { get; set; }
}

/// <summary>The stream a publisher works for.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="IsParamStream">True for the stream configured by PARAM_ variables, whose files are named as the samples named them.</param>
public sealed record PublisherContext(string Stream, bool IsParamStream);

/// <summary>A kind of publisher: its name in the configuration, its options, and how to make one.</summary>
public sealed record PublisherRegistration(
    string Name, Type OptionsType, Func<IServiceProvider, PublisherContext, PublisherOptions, IPublisher> Create);
