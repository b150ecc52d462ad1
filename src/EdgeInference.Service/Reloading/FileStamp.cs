using EdgeInference.Native.Files;

namespace EdgeInference.Service.Reloading;

/// <summary>
/// What tells one content of a file from another without reading it. Links are followed, also those among its folders, with
/// which deployments switch versions whose files are equally long and old.
/// </summary>
/// <param name="Status">Length, time and identity; null where there is no file, or it cannot be looked at: whoever reads it tells why.</param>
internal readonly record struct FileStamp(FileStatus? Status)
{
    /// <summary>The stamp of a file, whether it is there or not.</summary>
    public static FileStamp Of(string path) => new(FileStatus.Of(path));
}
