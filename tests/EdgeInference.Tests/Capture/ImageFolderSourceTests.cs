using EdgeInference.Capture;
using EdgeInference.Frames;

namespace EdgeInference.Tests.Capture;

public sealed class ImageFolderSourceTests : CaptureTest
{
    [Theory]
    [InlineData("jpg")]
    [InlineData("png")]
    [InlineData("bmp")]
    [InlineData("JPEG")]
    public async Task ReadAsync_ImagesOfOneKind_GivesEachOnceInOrderOfNames(string extension)
    {
        string[] names = ["10", "9", "a%03d", "b it's", "c:d", "_"];
        await MakeImagesAsync(names.Select(name => $"{name}.{extension}"));

        List<int> shades = await ReadShadesAsync(new SourceOptions { Input = FolderPath });

        // Ordinal: 10, 9, _, a%03d, b it's, c:d.
        Assert.Equal([0, 1, 5, 2, 3, 4], shades);
    }

    [Fact]
    public async Task ReadAsync_MixedKindsAndSizes_GivesEachOnceInOrderOfNames()
    {
        await MakeImagesAsync(["a.png", "b.jpg", "c.jpeg", "d.bmp", "e.png"], index => index % 2 == 0 ? "64x48" : "97x31");
        File.Copy(FilePath("b.jpg"), FilePath("f-really-a-jpeg.png"));
        await File.WriteAllTextAsync(FilePath("notes.txt"), "not an image");

        Assert.Equal([0, 1, 2, 3, 4, 1], await ReadShadesAsync(new SourceOptions { Input = FolderPath }));
    }

    [Fact]
    public async Task ReadAsync_MixedSizesOfOneKind_AllTakeTheFirstSize()
    {
        await MakeImagesAsync(["a.jpg", "b.jpg"], index => index == 0 ? "64x48" : "97x31");

        await using IVideoSource source = Open(FolderPath);
        List<byte[]> frames = await ReadToEndAsync(source);

        Assert.Equal(2, frames.Count);
        Assert.All(frames, frame => Assert.Equal(Frame.SizeOf(64, 48), frame.Length));
    }

    [Fact]
    public async Task ReadAsync_Loop_BeginsAgain()
    {
        await MakeImagesAsync(["a.png", "b.jpg"]);
        await using IVideoSource source = Open(new SourceOptions { Input = FolderPath, Loop = true });

        for (int i = 1; i <= 5; i++)
        {
            using Frame? frame = await source.ReadAsync(CancellationToken.None);
            Assert.Equal(i, frame!.Index);
            Assert.Equal((i - 1) % 2, ShadeOf(frame));
        }
    }

    [Fact]
    public async Task ReadAsync_DamagedImageAmongOthers_IsLeftOutAndCounted()
    {
        await MakeImagesAsync(["a.png", "b.png", "c.png"]);
        byte[] bytes = await File.ReadAllBytesAsync(FilePath("b.png"));
        bytes.AsSpan(40).Fill(0x55);
        await File.WriteAllBytesAsync(FilePath("b.png"), bytes);

        await using IVideoSource source = Open(FolderPath);
        List<byte[]> frames = await ReadToEndAsync(source);

        Assert.Equal(2, frames.Count);
        Assert.Equal(1, source.CorruptFrames);
    }

    [Fact]
    public async Task ReadAsync_NoImages_SaysSo()
    {
        await File.WriteAllTextAsync(FilePath("notes.txt"), "not an image");
        Assert.Equal(
            $"{FolderPath}: the folder holds no .jpg, .jpeg, .png or .bmp file.", await FailToOpenAsync(Open(FolderPath)));
    }

    private async Task<List<int>> ReadShadesAsync(SourceOptions options)
    {
        await using IVideoSource source = Open(options);
        List<int> shades = [];
        while (await source.ReadAsync(CancellationToken.None) is { } frame)
        {
            using (frame)
                shades.Add(ShadeOf(frame));
            Assert.Equal(shades.Count, frame.Index);
        }

        return shades;
    }

    /// <summary>Images of one grey each, 20 + 30 x its place in the list.</summary>
    private async Task MakeImagesAsync(IEnumerable<string> names, Func<int, string>? sizeOf = null)
    {
        foreach ((int index, string name) in names.Index())
        {
            string shade = $"0x{20 + (30 * index):X2}";
            string path = FilePath($"{index}.made.{Path.GetExtension(name)[1..]}");
            await Ffmpeg.RunAsync(
                $"-f lavfi -i color=c={shade}{shade[2..]}{shade[2..]}:s={sizeOf?.Invoke(index) ?? "64x48"} -frames:v 1", path);
            File.Move(path, FilePath(name));
        }
    }

    private static int ShadeOf(Frame frame)
    {
        // Luma of limited range back to full.
        double luma = frame.Range == ColorRange.Full ? frame.Y[0] : (frame.Y[0] - 16) * 255 / 219.0;
        return (int)Math.Round((luma - 20) / 30);
    }
}
