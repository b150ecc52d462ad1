namespace EdgeInference.Service.Reloading;

/// <summary>What tells one content of a file from another without reading it; links are followed.</summary>
/// <param name="Length">Its length; -1 where there is no file.</param>
/// <param name="WrittenAt">When it was written.</param>
/// <param name="Target">The file that a link leads to.</param>
internal readonly record struct FileStamp(long Length, DateTime WrittenAt, string Target)
{
    private static readonly FileStamp None = new(-1, default, "");

    /// <summary>The stamp of a file; also where it is not there, or cannot be looked at.</summary>
    public static FileStamp Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
                file = target;
            return file.Exists ? new FileStamp(file.Length, file.LastWriteTimeUtc, file.FullName) : None;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever reads the file tells what is wrong with it.
            return None;
        }
    }
}
