using EdgeInference.Publishing.LocalJpeg;
using EdgeInference.TestSupport;

namespace EdgeInference.Publishing.Tests.LocalJpeg;

/// <summary>What the tests of pictures in a folder share: a folder on a real disk, and reports a minute apart.</summary>
public abstract class PictureFolderTest : IDisposable
{
    internal static readonly PictureLimits NoLimits = new(int.MaxValue, long.MaxValue, TimeSpan.Zero);

    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("edge-inference-test-");

    /// <summary>The folder of the pictures. What is beside it is not the publisher's.</summary>
    protected string Root => Path.Combine(_temporary.FullName, "pictures");

    protected string Beside => _temporary.FullName;

    private protected JumpingTime Time { get; } = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    protected string IndexPath => PathOf(".edge-inference-line1.index");

    public void Dispose()
    {
        _temporary.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string PathOf(string name) => Path.Combine(Root, name);

    protected bool Has(string name) => File.Exists(PathOf(name));

    /// <summary>All files but the indexes, by their names below the folder.</summary>
    protected string[] Pictures() => Directory.Exists(Root)
        ? [.. Directory.GetFiles(Root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(static name => !name.StartsWith(".edge-inference-", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)]
        : [];

    private protected PictureFolder Open(PictureLimits limits, string stream = "line1") => new(Root, stream, limits, Time);

    private protected void Write(PictureFolder folder, string name, int bytes = 10, Guid? id = null) => folder.Write(
        name,
        TestReports.WithJpeg(null) with { Id = id ?? Guid.CreateVersion7(Time.GetUtcNow()), Timestamp = Time.GetUtcNow() },
        new byte[bytes],
        CancellationToken.None);

    /// <summary>Writes pictures with a folder that is opened for them alone, as a run of the service would.</summary>
    private protected void WriteAll(PictureLimits limits, params string[] names)
    {
        using PictureFolder folder = Open(limits);
        foreach (string name in names)
            Write(folder, name);
    }
}
