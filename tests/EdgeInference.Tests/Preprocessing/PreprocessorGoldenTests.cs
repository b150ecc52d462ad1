using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Preprocessing;
using EdgeInference.TestSupport;

namespace EdgeInference.Tests.Preprocessing;

/// <summary>Frames of real videos, against the inputs that OpenCV's capture and resize made of them on x64.</summary>
public class PreprocessorGoldenTests
{
    [DataTheory]
    [InlineData("face-detection-retail-0004.v4-FP32.00300.input.npy")]
    [InlineData("face-detection-retail-0004.v4-FP32.00850.input.npy")]
    [InlineData("person-detection-retail-0013.v3-FP16.00800.input.npy")]
    [InlineData("person-vehicle-bike-detection-crossroad-0078.v11-FP16.00075.input.npy")]
    [InlineData("squeezenet1.1.v10-FP16.00700.input.npy")]
    [InlineData("vehicle-detection-adas-0002.v11-FP16.00225.input.npy")]
    [InlineData("vehicle-license-plate-detection-barrier-0106.v10-INT8.00075.input.npy")]
    public async Task Run_FrameOfAVideo_EqualsOpenCv(string inputFile)
    {
        (long[] shape, byte[] expected) = ReadNpy(TestData.Path($"golden/{inputFile}"));
        (string video, int frameId) = await FindAsync(inputFile);
        using Frame frame = await DecodeAsync(TestData.Path($"videos/{video}"), frameId);
        var tensor = new Tensor(TensorElementType.UInt8, 1);

        new Preprocessor(new(), new TensorInfo("data", TensorElementType.UInt8, shape)).Run(frame, tensor);

        Assert.Equal(expected, tensor.Bytes.ToArray());
    }

    private static async Task<(string Video, int FrameId)> FindAsync(string inputFile)
    {
        using var tensors = JsonDocument.Parse(await File.ReadAllTextAsync(TestData.Path("golden/tensors.json")));
        JsonElement tensor = tensors.RootElement.EnumerateArray().First(element => element.GetProperty("input").ValueEquals(inputFile));
        return (Path.GetFileName(tensor.GetProperty("video").GetString()!), tensor.GetProperty("frame").GetInt32());
    }

    private static async Task<Frame> DecodeAsync(string video, int frameId)
    {
        byte[] probed = await RunAsync("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "csv=p=0", video);
        string[] size = Encoding.ASCII.GetString(probed).Trim().Split(',');
        Frame frame = new FramePool().Rent(int.Parse(size[0], CultureInfo.InvariantCulture), int.Parse(size[1], CultureInfo.InvariantCulture));
        byte[] picture = await RunAsync(
            "ffmpeg", "-v", "error", "-i", video, "-vf", $"select=eq(n\\,{frameId - 1})", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-");
        picture.CopyTo(frame.Data);
        return frame;
    }

    private static async Task<byte[]> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }

    /// <summary>Reads NumPy's format 1.0 of bytes: magic, version, a 16-bit length and a header that names the shape.</summary>
    private static (long[] Shape, byte[] Elements) ReadNpy(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int start = 10 + BitConverter.ToUInt16(file, 8);
        string header = Encoding.ASCII.GetString(file, 10, start - 10);
        Assert.Contains("u1", header, StringComparison.Ordinal);
        string shape = header.Split('(')[1].Split(')')[0];
        return ([.. shape.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static d => long.Parse(d, CultureInfo.InvariantCulture))], file[start..]);
    }
}
