using EdgeInference.Inference;
using EdgeInference.Native.OnnxRuntime;

namespace EdgeInference.Native.Tests.OnnxRuntime;

public sealed class OrtLibraryTests
{
    [Fact]
    public void Load_NothingConfigured_TakesTheOneBesideTheProgram() =>
        Assert.Matches(@"^1\.\d+\.\d+", OrtLibrary.Load(configuredPath: null).Version);

    [Fact]
    public void Candidates_NothingConfigured_BesideTheProgramThenTheSystem() =>
        Assert.Equal(
            [
                Path.Combine(AppContext.BaseDirectory, "libonnxruntime.so.1"),
                Path.Combine(AppContext.BaseDirectory, "libonnxruntime.so"),
                "libonnxruntime.so.1",
                "libonnxruntime.so",
            ],
            OrtLibrary.Candidates(configuredPath: ""));

    [Fact]
    public void Candidates_PathConfigured_ThatOneOnly() =>
        Assert.Equal(["/opt/lib/ort.so"], OrtLibrary.Candidates("/opt/lib/ort.so"));

    [Fact]
    public void LoadFirst_NoneThere_ListsEachWithItsReason()
    {
        InferenceException exception = Assert.Throws<InferenceException>(
            () => OrtLibrary.LoadFirst(["/nowhere/libonnxruntime.so.1", "libnosuchonnxruntime.so.1"]));

        string[] lines = exception.Message.Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Contains("EDGEINFERENCE_ONNXRUNTIME", lines[0], StringComparison.Ordinal);
        Assert.Equal("  /nowhere/libonnxruntime.so.1: no such file", lines[1]);
        Assert.StartsWith("  libnosuchonnxruntime.so.1: ", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileIsNoLibrary_SaysWhy()
    {
        string file = Path.GetTempFileName();
        try
        {
            InferenceException exception = Assert.Throws<InferenceException>(() => OrtLibrary.Load(file));

            Assert.Contains($"{file}: ", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("no such file", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Load_AnotherLibrary_SaysWhatIsMissing()
    {
        InferenceException exception = Assert.Throws<InferenceException>(() => OrtLibrary.Load("libm.so.6"));

        Assert.Equal("libm.so.6 is not an ONNX Runtime library: it has no OrtGetApiBase.", exception.Message);
    }
}
