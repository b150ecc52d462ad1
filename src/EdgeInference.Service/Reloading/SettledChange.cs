namespace EdgeInference.Service.Reloading;

/// <summary>
/// Notices that files have changed, once they look the same twice: what is written just now is left until it is whole.
/// </summary>
/// <param name="files">The files, whether they are there or not.</param>
internal sealed class SettledChange(IReadOnlyList<string> files)
{
    private FileStamp[] _known = Look(files);
    private FileStamp[] _last = [];

    /// <summary>Looks again.</summary>
    /// <returns>Whether there is a change that was not told before, and that is not going on.</returns>
    public bool IsDue()
    {
        FileStamp[] now = Look(files);
        bool isSettled = now.AsSpan().SequenceEqual(_last);
        _last = now;
        if (!isSettled || now.AsSpan().SequenceEqual(_known))
            return false;
        _known = now;
        return true;
    }

    private static FileStamp[] Look(IReadOnlyList<string> files) => [.. files.Select(FileStamp.Of)];
}
