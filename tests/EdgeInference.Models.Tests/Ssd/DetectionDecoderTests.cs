using EdgeInference.Models.Ssd;

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
            DetectionOptions options = Options(priors, classes) with { TopK = topK, KeepTopK = keepTopK, BackgroundClass = seed % 3 };
            Scene scene = Scene.Random(options, seed);
            var rows = new float[options.Rows * DetectionDecoder.RowLength];
            Array.Fill(rows, 99);

            new DetectionDecoder(options).Run(scene.Locations, scene.Scores, scene.Priors, rows);

            float[][] expected = PlainDetector.Run(options, scene.Locations, scene.Scores, scene.Priors);
            Assert.Equal(expected.SelectMany(static row => row), rows[..(expected.Length * DetectionDecoder.RowLength)]);
            float[] rest = rows[(expected.Length * DetectionDecoder.RowLength)..];
            Assert.Equal(-1, rest[0]);
            Assert.All(rest[1..], static value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void Run_EveryRowTaken_HasNoEndMarker()
    {
        DetectionOptions options = Options(2, 2) with { KeepTopK = 1, Rows = 1 };
        var rows = new float[DetectionDecoder.RowLength];

        new DetectionDecoder(options).Run(new float[8], [0, 0.6f, 0, 0.9f], [0, 0, 0.5f, 0.5f, 0.5f, 0.5f, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], rows);

        Assert.Equal([0, 1, 0.9f, 0.5f, 0.5f, 1, 1], rows);
    }

    [Fact]
    public void Run_ScoreAtTheThreshold_IsNotReported()
    {
        DetectionOptions options = Options(1, 2) with { ConfidenceThreshold = 0.5f };
        var rows = new float[options.Rows * DetectionDecoder.RowLength];

        new DetectionDecoder(options).Run(new float[4], [0, 0.5f], [0, 0, 1, 1, 1, 1, 1, 1], rows);

        Assert.Equal(-1, rows[0]);
    }

    [Fact]
    public void Run_ScoresNotANumber_AreNotReported()
    {
        DetectionOptions options = Options(1, 2);
        var rows = new float[options.Rows * DetectionDecoder.RowLength];

        new DetectionDecoder(options).Run(new float[4], [0, float.NaN], [0, 0, 1, 1, 1, 1, 1, 1], rows);

        Assert.Equal(-1, rows[0]);
    }

    [Fact]
    public void Run_AfterTheFirstTime_AllocatesNothing()
    {
        DetectionOptions options = Options(2000, 21) with { TopK = 100, KeepTopK = 100 };
        Scene scene = Scene.Random(options, 1);
        var rows = new float[options.Rows * DetectionDecoder.RowLength];
        var decoder = new DetectionDecoder(options);
        decoder.Run(scene.Locations, scene.Scores, scene.Priors, rows);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            decoder.Run(scene.Locations, scene.Scores, scene.Priors, rows);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Run_ConcurrentCallers_DoNotDisturbEachOther()
    {
        DetectionOptions options = Options(300, 5) with { TopK = 50, KeepTopK = 40 };
        var decoder = new DetectionDecoder(options);

        Parallel.For(0, 200, seed =>
        {
            Scene scene = Scene.Random(options, seed);
            var rows = new float[options.Rows * DetectionDecoder.RowLength];
            decoder.Run(scene.Locations, scene.Scores, scene.Priors, rows);
            float[][] expected = PlainDetector.Run(options, scene.Locations, scene.Scores, scene.Priors);
            Assert.Equal(expected.SelectMany(static row => row), rows[..(expected.Length * DetectionDecoder.RowLength)]);
        });
    }

    private static DetectionOptions Options(int priors, int classes) => new()
    {
        Batch = 1,
        Priors = priors,
        Classes = classes,
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
        PriorsPerImage = false,
        Rows = (priors * classes) + 1,
    };

    /// <summary>Boxes crowded enough to suppress each other; scores repeat, so that ties occur.</summary>
    private sealed record Scene(float[] Locations, float[] Scores, float[] Priors)
    {
        public static Scene Random(DetectionOptions options, int seed)
        {
            var random = new Random(seed);
            float[] locations = [.. Enumerable.Range(0, options.Priors * 4).Select(_ => random.NextSingle() - 0.5f)];
            float[] scores = [.. Enumerable.Range(0, options.Priors * options.Classes).Select(_ => random.Next(64) / 64f * random.Next(2))];
            var boxes = new List<float>();
            for (int i = 0; i < options.Priors; i++)
            {
                (float x, float y, float size) = (random.NextSingle(), random.NextSingle(), 0.1f + (random.NextSingle() / 3));
                boxes.AddRange([x, y, x + size, y + size]);
            }

            boxes.AddRange(Enumerable.Repeat(0.1f, options.Priors * 4));
            return new Scene(locations, scores, [.. boxes]);
        }
    }
}
