using Microsoft.Extensions.DependencyInjection;

namespace EdgeInference.Publishing.LocalJpeg;

/// <summary>One JPEG file a report. A file appears under its name only when it is complete and on the disk.</summary>
internal sealed class LocalJpegPublisher(string directory, FileNameTemplate fileName, PictureFolder pictures) : IPublisher
{
    public static PublisherRegistration Registration { get; } = new(
        "LocalJpeg",
        typeof(LocalJpegOptions),
        static (services, context, options) => Create((LocalJpegOptions)options, context, services.GetRequiredService<TimeProvider>()))
    {
        IsDurable = true,
        FindDoubt = static options => PictureFolder.FindDoubt(((LocalJpegOptions)options).Directory!),
    };

    public bool WantsJpeg => true;

    public string Destination => directory;

    public static LocalJpegPublisher Create(LocalJpegOptions options, PublisherContext context, TimeProvider time)
    {
        string directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Directory!));
        string template = options.FileName ?? (context.IsParamStream ? FileNameTemplate.OfSamples : FileNameTemplate.OfStreams);
        var limits = new PictureLimits(options.MaxFiles, options.LimitMegabytes * 1_000_000L, options.MaxAge);
        return new LocalJpegPublisher(directory, new FileNameTemplate(template), new PictureFolder(directory, context.Stream, limits, time));
    }

    // Waiting for a disk blocks a thread, and nothing ends it early: it is a thread that no other publisher waits for.
    public ValueTask PublishAsync(Report report, CancellationToken cancellationToken) => report.Jpeg is { } jpeg
        ? new ValueTask(Task.Run(() => pictures.Write(fileName.NameOf(report), report, jpeg.Span, cancellationToken), cancellationToken))
        : ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        pictures.Dispose();
        return ValueTask.CompletedTask;
    }
}
