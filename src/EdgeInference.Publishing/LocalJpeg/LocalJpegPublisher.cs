namespace EdgeInference.Publishing.LocalJpeg;

/// <summary>One JPEG file a report. A file appears under its name only when it is complete.</summary>
internal sealed class LocalJpegPublisher(string directory, FileNameTemplate fileName) : IPublisher
{
    public static PublisherRegistration Registration { get; } = new(
        "LocalJpeg",
        typeof(LocalJpegOptions),
        static (_, context, options) =>
        {
            var local = (LocalJpegOptions)options;
            string template = local.FileName ?? (context.IsParamStream ? FileNameTemplate.OfSamples : FileNameTemplate.OfStreams);
            return new LocalJpegPublisher(Path.GetFullPath(local.Directory!), new FileNameTemplate(template));
        }) { IsDurable = true };

    public bool WantsJpeg => true;

    public string Destination => directory;

    public async ValueTask PublishAsync(Report report, CancellationToken cancellationToken)
    {
        if (report.Jpeg is not { } jpeg)
            return;
        string path = Path.Combine(directory, fileName.NameOf(report));
        string partial = $"{path}.{report.Id:N}.partial";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            await File.WriteAllBytesAsync(partial, jpeg, cancellationToken);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
