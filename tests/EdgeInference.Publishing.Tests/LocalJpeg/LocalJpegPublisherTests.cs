using EdgeInference.Publishing.LocalJpeg;

namespace EdgeInference.Publishing.Tests.LocalJpeg;

public sealed class LocalJpegPublisherTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task PublishAsync_Report_WritesItsPictureUnderItsName()
    {
        byte[] jpeg = [0xFF, 0xD8, 1, 2, 3];
        await using LocalJpegPublisher publisher = Create(FileNameTemplate.OfStreams);

        await publisher.PublishAsync(TestReports.WithJpeg(jpeg), CancellationToken.None);

        string path = Path.Combine(_folder.FullName, "line1/2026/01/31/2026-01-31T12-34-56.789012.jpg");
        Assert.Equal(jpeg, await File.ReadAllBytesAsync(path));
        Assert.Single(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task PublishAsync_MessageWithoutPicture_WritesNothing()
    {
        await using LocalJpegPublisher publisher = Create(FileNameTemplate.OfSamples);

        await publisher.PublishAsync(TestReports.WithJpeg(null), CancellationToken.None);

        Assert.Empty(_folder.GetFileSystemInfos());
    }

    [Fact]
    public async Task PublishAsync_NameIsTakenByAFolder_FailsAndLeavesNoPartialFile()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "2026-01-31T12-34-56.789012.jpeg"));
        await using LocalJpegPublisher publisher = Create(FileNameTemplate.OfSamples);

        await Assert.ThrowsAnyAsync<Exception>(() => publisher.PublishAsync(TestReports.WithJpeg([1]), CancellationToken.None).AsTask());

        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }

    private LocalJpegPublisher Create(string template) => new(_folder.FullName, new FileNameTemplate(template));
}
