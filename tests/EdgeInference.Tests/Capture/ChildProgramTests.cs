using EdgeInference.Capture;

namespace EdgeInference.Tests.Capture;

public sealed class ChildProgramTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Folders_Always_AreFullPaths()
    {
        Assert.Equal(AppContext.BaseDirectory, ChildProgram.Folders[0]);
        Assert.All(ChildProgram.Folders, static folder => Assert.True(Path.IsPathRooted(folder), folder));
    }

    [Fact]
    public void Find_SeveralFolders_TakesTheFirstThatCanBeRun()
    {
        string first = _folder.CreateSubdirectory("first").FullName;
        string second = _folder.CreateSubdirectory("second").FullName;
        File.WriteAllText(Path.Combine(first, "tool"), "");
        string tool = Path.Combine(second, "tool");
        File.WriteAllText(tool, "");
        new FileInfo(tool).UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserExecute;

        Assert.Equal(tool, ChildProgram.Find("tool", [first, second]));
        Assert.Null(ChildProgram.Find("tool", [first]));
    }

    [Fact]
    public void CreateStart_Environment_HoldsNothingOfTheConfiguration()
    {
        const string Variable = "EdgeInference__Mqtt__Password";
        Environment.SetEnvironmentVariable(Variable, "secret");
        try
        {
            IDictionary<string, string?> environment = ChildProgram.CreateStart("/bin/true", []).Environment;

            Assert.DoesNotContain(Variable, environment.Keys);
            Assert.Contains("PATH", environment.Keys);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }
}
