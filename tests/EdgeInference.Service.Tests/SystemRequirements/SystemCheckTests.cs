using EdgeInference.Service.SystemRequirements;

namespace EdgeInference.Service.Tests.SystemRequirements;

public sealed class SystemCheckTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Inspect_AllThere_FindsNothing()
    {
        AddProgram("ffmpeg", "ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers");
        AddProgram("ffprobe", "");

        SystemFindings found = await InspectAsync("libssl.so.3");

        Assert.Empty(found.Faults);
        Assert.Empty(found.Warnings);
        Assert.True(found.CanReadConfiguration);
    }

    [Fact]
    public async Task Inspect_NothingThere_NamesEachWithItsCommand()
    {
        SystemFindings found = await InspectAsync();

        Assert.Collection(
            found.Faults.Select(static fault => fault.ToString()),
            static ffmpeg => AssertHolds(ffmpeg, "ffmpeg: ", "PATH", "apt-get install ffmpeg"),
            static openSsl => AssertHolds(openSsl, "OpenSSL 3: ", "libssl.so.3", "apt-get install openssl"));

        // Both programs are in one package: one line.
        Assert.Empty(found.Warnings);
        Assert.False(found.CanReadConfiguration);
    }

    [Fact]
    public async Task Inspect_FfprobeMissing_Warns()
    {
        AddProgram("ffmpeg", "ffmpeg version 7.1");

        SystemFindings found = await InspectAsync("libssl.so.3");

        Assert.Empty(found.Faults);
        AssertHolds(Assert.Single(found.Warnings), "ffprobe: ", "apt-get install ffmpeg");
    }

    [Fact]
    public async Task Inspect_OldFfmpeg_NamesBothVersions()
    {
        AddProgram("ffmpeg", "ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000-2021 the FFmpeg developers");
        AddProgram("ffprobe", "");

        SystemFindings found = await InspectAsync("libssl.so.3");

        AssertHolds(Assert.Single(found.Faults).ToString(), "ffmpeg: ", Path.Combine(_folder.FullName, "ffmpeg"), "4.4", "5.1");
    }

    [Fact]
    public void FindMissing_OlderOpenSsl_Suffices() =>
        Assert.True(SystemCheck.FindMissing(Probe("libssl.so.1.1")).CanReadConfiguration);

    [Fact]
    public void FindProgram_NotExecutable_IsNone()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "ffmpeg"), "");

        Assert.Null(Probe().FindProgram("ffmpeg"));
    }

    [Fact]
    public void OfThisProcess_LibrariesOfTheSystem_AreTold()
    {
        SystemProbe probe = SystemProbe.OfThisProcess();

        Assert.True(probe.HasLibrary("libc.so.6"));
        Assert.False(probe.HasLibrary("libnosuchthing.so.3"));
        Assert.NotNull(probe.FindProgram("sh"));
    }

    [Theory]
    [InlineData("ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026", "5.1")]
    [InlineData("ffmpeg version n7.1.1 Copyright", "7.1")]
    [InlineData("ffmpeg version 4.4", "4.4")]
    [InlineData("ffmpeg version N-113007-g8d24a28d06 Copyright", null)]
    [InlineData("ffmpeg version 99999999999.1", null)]
    [InlineData("", null)]
    public void TryParse_FirstLine_GivesTheRelease(string output, string? expected) =>
        Assert.Equal(expected, FfmpegVersion.TryParse(output)?.ToString());

    private static void AssertHolds(string text, params string[] words) => Assert.All(words, word => Assert.Contains(word, text, StringComparison.Ordinal));

    private void AddProgram(string name, string output)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, $"#!/bin/sh\necho '{output}'\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private SystemProbe Probe(params string[] libraries) => new([_folder.FullName], libraries.Contains, "ID=debian\n");

    private Task<SystemFindings> InspectAsync(params string[] libraries) => SystemCheck.InspectAsync(Probe(libraries), CancellationToken.None);
}
