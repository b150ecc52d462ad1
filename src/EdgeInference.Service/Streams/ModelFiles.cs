using EdgeInference.Service.Options;
using EdgeInference.Service.Reloading;

namespace EdgeInference.Service.Streams;

/// <summary>The files of a stream's model, watched for others that take their place.</summary>
internal sealed class ModelFiles(StreamOptions options)
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private readonly SettledChange _change = new(StreamModels.FilesOf(options));

    /// <summary>Whether there are other files that nobody is writing any more; said once. Not while there is none: one is on its way.</summary>
    public bool HaveChanged() => options.Model.Watch && _change.IsDue() && File.Exists(options.Model.Path);
}
