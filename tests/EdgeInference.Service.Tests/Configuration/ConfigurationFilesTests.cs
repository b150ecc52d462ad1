using System.Collections;
using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.Tests.Configuration;

public sealed class ConfigurationFilesTests
{
    private static readonly string s_besideProgram = Path.Combine(AppContext.BaseDirectory, "appsettings.json");

    [Fact]
    public void Find_NothingNamed_IsTheFileBesideTheProgram() =>
        Assert.Equal([s_besideProgram], ConfigurationFiles.Find(null, new Hashtable()));

    [Theory]
    [InlineData("/etc/edge-inference")]
    [InlineData("/etc/edge-inference:/etc/other")]
    public void Find_FolderOfSystemd_LiesOverTheFileBesideTheProgram(string folders) => Assert.Equal(
        [s_besideProgram, "/etc/edge-inference/appsettings.json"],
        ConfigurationFiles.Find(null, new Hashtable { ["CONFIGURATION_DIRECTORY"] = folders }));

    [Fact]
    public void Find_FileIsNamed_IsAlone() => Assert.Equal(
        [Path.GetFullPath("mine.json")],
        ConfigurationFiles.Find("mine.json", new Hashtable { ["CONFIGURATION_DIRECTORY"] = "/etc/edge-inference" }));
}
