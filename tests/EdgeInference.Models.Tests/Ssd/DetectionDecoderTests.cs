using EdgeInference.Models.Ssd;
using FsCheck.Xunit;

namespace EdgeInference.Models.Tests.Ssd;

public sealed class DetectionDecoderTests
{
    [Theory]
    [InlineData(1, 2, -1, -1)]
    [InlineData(200, 2, 400, 200)]
    [InlineData(300, 5, 20, 30)]
    [InlineData(300, 21, 10, 50)]
    [InlineData(300, 21, -1, 7)]
    [InlineData(50, 3, 0, 10)]
    [InlineData(50, 3, 10, 0)]
    public void Run_RandomScene_EqualsThePlainImplementation(int priors, int classes, int topK, int keepTopK)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            DetectionOptions options = Options with { TopK = topK, KeepTopK = keepTopK, BackgroundClass = seed % 3 };
            AssertSame(options, Sizes(priors, classes), seed);
        }
    }

    /// <summary>Every attribute in every combination that comes up, with several images and sizes that fill no vector.</summary>
    [Property(MaxTest = 300)]
    public void Run_AnyAttributes_EqualsThePlainImplementation(Guid scene)
    {
        int seed = scene.GetHashCode();
        var random = new Random(seed);
        bool Coin() => random.Next(2) == 0;
        DetectionSizes sizes = Sizes(1 + random.Next(120), 1 + random.Next(12), 1 + random.Next(3), Coin());
        var options = new DetectionOptions
        {
            Classes = null,
            BackgroundClass = random.Next(-1, sizes.Classes + 2),
            TopK = random.Next(-1, 12),
            KeepTopK = random.Next(-1, 20),
            ConfidenceThreshold = random.Next(-1, 40) / 64f,
            OverlapThreshold = random.NextSingle(),
            CenterSize = Coin(),
            ShareLocation = Coin(),
            VarianceEncoded = Coin(),
            ClipBefore = Coin(),
            ClipAfter = Coin(),
            DecreaseLabel = random.Next(4) == 0,
            Normalized = random.Next(3) > 0,
            ImageWidth = 1 + random.Next(300),
            ImageHeight = 1 + random.Next(300),
            ObjectnessThreshold = random.NextSingle(),
        };

        AssertSame(options, sizes, seed, refined: random.Next(3) == 0);
    }

    [Fact]
    public void Run_EveryRowTaken_HasNoEndMarker()
    {
        var rows = new float[DetectionDecoder.RowLength];
        var scene = new DetectionScene(new float[8], [0, 0.6f, 0, 0.9f], [0, 0, 0.5f, 0.5f, 0.5f, 0.5f, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [], []);

        new DetectionDecoder(Options with { KeepTopK = 1 }).Run(Sizes(2, 2), scene.Operands, rows);

        Assert.Equal([0, 1, 0.9f, 0.5f, 0.5f, 1, 1], rows);
    }

    [Theory]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    public void Run_ScoreNotAboveTheThreshold_IsNotReported(float score)
    {
        var scene = new DetectionScene(new float[4], [0, score], [0, 0, 1, 1, 1, 1, 1, 1], [], []);

        Assert.Equal(-1, Run(Options with { ConfidenceThreshold = 0.5f }, Sizes(1, 2), scene)[0]);
    }

    [Fact]
    public void Run_AfterTheFirstTime_AllocatesNothing()
    {
        DetectionOptions options = Options with { TopK = 100, KeepTopK = 100 };
        DetectionSizes sizes = Sizes(2000, 21);
        DetectionScene scene = DetectionScene.Random(options, sizes, 1);
        var rows = new float[sizes.Rows * DetectionDecoder.RowLength];
        var decoder = new DetectionDecoder(options);
        decoder.Run(sizes, scene.Operands, rows);

        // A collection that another test causes counts what is left of the thread's allocation block: hence the least of several.
        var allocated = new long[5];
        for (int i = 0; i < allocated.Length; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int run = 0; run < 10; run++)
                decoder.Run(sizes, scene.Operands, rows);
            allocated[i] = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated.Min());
    }

    [Fact]
    public void Run_ConcurrentCallersWithScenesOfTheirOwn_DoNotDisturbEachOther()
    {
        DetectionOptions options = Options with { TopK = 50, KeepTopK = 40 };
        var decoder = new DetectionDecoder(options);

        Parallel.For(0, 100, seed =>
        {
            DetectionSizes sizes = Sizes(100 + seed, 2 + (seed % 7));
            DetectionScene scene = DetectionScene.Random(options, sizes, seed);
            var rows = new float[sizes.Rows * DetectionDecoder.RowLength];
            decoder.Run(sizes, scene.Operands, rows);
            AssertRows(new PlainDetector(options, sizes, scene).Run(), rows);
        });
    }

    private static DetectionOptions Options { get; } = new()
    {
        Classes = null,
        BackgroundClass = 0,
        TopK = -1,
        KeepTopK = -1,
        ConfidenceThreshold = 0.2f,
        OverlapThreshold = 0.45f,
        CenterSize = true,
        ShareLocation = true,
        VarianceEncoded = false,
        ClipBefore = false,
        ClipAfter = false,
        DecreaseLabel = false,
        Normalized = true,
        ImageWidth = 1,
        ImageHeight = 1,
        ObjectnessThreshold = 0,
    };

    /// <summary>Sizes with a row more than can be taken, so that there is always an end marker.</summary>
    private static DetectionSizes Sizes(int priors, int classes, int batch = 1, bool priorsPerImage = false) =>
        new(batch, priors, classes, priorsPerImage && batch > 1, (batch * priors * classes) + 1);

    private static void AssertSame(DetectionOptions options, DetectionSizes sizes, int seed, bool refined = false)
    {
        DetectionScene scene = DetectionScene.Random(options, sizes, seed, refined);
        AssertRows(new PlainDetector(options, sizes, scene).Run(), Run(options, sizes, scene));
    }

    private static float[] Run(DetectionOptions options, DetectionSizes sizes, DetectionScene scene)
    {
        var rows = new float[sizes.Rows * DetectionDecoder.RowLength];
        Array.Fill(rows, 99);
        new DetectionDecoder(options).Run(sizes, scene.Operands, rows);
        return rows;
    }

    private static void AssertRows(float[][] expected, float[] rows)
    {
        Assert.Equal(expected.SelectMany(static row => row), rows[..(expected.Length * DetectionDecoder.RowLength)]);
        float[] rest = rows[(expected.Length * DetectionDecoder.RowLength)..];
        Assert.Equal(-1, rest[0]);
        Assert.All(rest[1..], static value => Assert.Equal(0, value));
    }
}
