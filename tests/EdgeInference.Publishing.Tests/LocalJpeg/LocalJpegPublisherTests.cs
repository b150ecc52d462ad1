using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing.LocalJpeg;

namespace EdgeInference.Publishing.Tests.LocalJpeg;

public sealed class LocalJpegPublisherTests : PictureFolderTest
{
    [Fact]
    public async Task PublishAsync_Report_WritesItsPictureUnderItsName()
    {
        byte[] jpeg = [0xFF, 0xD8, 1, 2, 3];
        await using LocalJpegPublisher publisher = Create(new LocalJpegOptions());

        await publisher.PublishAsync(TestReports.WithJpeg(jpeg), CancellationToken.None);

        Assert.Equal(["line1/2026/01/31/2026-01-31T12-34-56.789012.jpg"], Pictures());
        Assert.Equal(jpeg, await File.ReadAllBytesAsync(PathOf(Pictures()[0])));
    }

    [Fact]
    public async Task PublishAsync_MessageWithoutPicture_WritesNothing()
    {
        await using LocalJpegPublisher publisher = Create(new LocalJpegOptions());

        await publisher.PublishAsync(TestReports.WithJpeg(null), CancellationToken.None);

        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public async Task PublishAsync_StreamOfTheParamVariables_NamesFilesAsTheSamplesDid()
    {
        await using LocalJpegPublisher publisher = Create(new LocalJpegOptions(), isParamStream: true);

        await publisher.PublishAsync(TestReports.WithJpeg([1]), CancellationToken.None);

        Assert.Equal(["2026-01-31T12-34-56.789012.jpeg"], Pictures());
    }

    [Fact]
    public async Task PublishAsync_NameIsTakenByAFolder_FailsAndLeavesNoPartialFile()
    {
        Directory.CreateDirectory(PathOf("2026-01-31T12-34-56.789012.jpeg"));
        await using LocalJpegPublisher publisher = Create(new LocalJpegOptions { FileName = FileNameTemplate.OfSamples });

        var exception = await Assert.ThrowsAsync<PublishException>(() => publisher.PublishAsync(TestReports.WithJpeg([1]), CancellationToken.None).AsTask());

        Assert.Equal(PublishFailure.Permanent, exception.Failure);
        Assert.Empty(Pictures());
    }

    [Fact]
    public async Task PublishAsync_MaxFilesReached_DeletesTheOldest()
    {
        await using LocalJpegPublisher publisher = Create(new LocalJpegOptions { MaxFiles = 2, FileName = "{id}.jpg" });
        string[] ids = [.. Enumerable.Range(1, 4).Select(static i => $"019c1234-0000-7000-8000-00000000000{i}")];
        foreach (string id in ids)
            await publisher.PublishAsync(TestReports.WithJpeg([1]) with { Id = new Guid(id) }, CancellationToken.None);

        Assert.Equal([$"{ids[2]}.jpg", $"{ids[3]}.jpg"], Pictures());
    }

    [Fact]
    public async Task PublishAsync_Cancelled_WritesNothing()
    {
        await using LocalJpegPublisher publisher = Create(new LocalJpegOptions());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => publisher.PublishAsync(TestReports.WithJpeg([1]), new CancellationToken(canceled: true)).AsTask());

        Assert.False(Directory.Exists(Root));
    }

    [Theory]
    [InlineData(0, 1, 0, nameof(LocalJpegOptions.MaxFiles))]
    [InlineData(10_000_001, 1, 0, nameof(LocalJpegOptions.MaxFiles))]
    [InlineData(1, 0, 0, nameof(LocalJpegOptions.LimitMegabytes))]
    [InlineData(1, 1, -1, nameof(LocalJpegOptions.MaxAge))]
    [InlineData(1, 1, 0, null)]
    [InlineData(10_000_000, 100_000_000, 1, null)]
    public void Options_Limits_AreInRange(int files, int megabytes, int hours, string? fault)
    {
        var options = new LocalJpegOptions { MaxFiles = files, LimitMegabytes = megabytes, MaxAge = TimeSpan.FromHours(hours) };
        var results = new List<ValidationResult>();

        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);

        Assert.Equal(fault is null ? [] : [fault], results.SelectMany(static result => result.MemberNames));
    }

    [Fact]
    public void Registration_IsDurable() => Assert.True(LocalJpegPublisher.Registration.IsDurable);

    private LocalJpegPublisher Create(LocalJpegOptions options, bool isParamStream = false)
    {
        options.Directory = Root + "/";
        return LocalJpegPublisher.Create(options, new PublisherContext("line1", isParamStream, "CPU"), Time);
    }
}
