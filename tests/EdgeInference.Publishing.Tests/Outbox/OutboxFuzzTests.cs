using System.Globalization;
using EdgeInference.Publishing.Outbox;
using Xunit.Abstractions;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

/// <summary>
/// Damages the files of an outbox in every way a disk can: whatever is left, the service starts, delivers what can be
/// read, and takes new reports. EDGEINFERENCE_FUZZ_CASES sets how many.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class OutboxFuzzTests(ITestOutputHelper console)
{
    private const int Reports = 60;

    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int cases) ? cases / 10 : 40;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_DamagedFiles_StartsAndTakesNewReports(bool wasClosed)
    {
        Dictionary<string, byte[]> good = await WriteAsync(wasClosed);
        var random = new Random(20261127);
        int putAside = 0, delivered = 0;
        for (int i = 0; i < Cases; i++)
        {
            await using var test = new TestOutbox();
            foreach ((string name, byte[] content) in good)
                await File.WriteAllBytesAsync(Path.Combine(test.Folder, name), Damage(content, random));

            // Damage that looks like a newer version is refused, since it may be one.
            if (await Record.ExceptionAsync(() => test.OpenAsync(Broker)) is { } refusal)
            {
                Assert.True(refusal is OutboxException && refusal.Message.Contains("newer version", StringComparison.Ordinal), $"{i}: {refusal}");
                continue;
            }

            delivered += await DeliverAsync(test);
            await test.AppendAsync(1000, 1002);
            Assert.Contains("1002", await ReadNewAsync(test));
            putAside += Directory.GetFiles(test.Folder, "*.damaged-*Z").Length;
        }

        console.WriteLine($"{Cases} damaged: {putAside} put aside, {delivered} of {Cases * Reports} old reports delivered");
        Assert.InRange(putAside, 1, Cases);
    }

    private static async Task<Dictionary<string, byte[]>> WriteAsync(bool close)
    {
        await using var test = new TestOutbox();
        await test.OpenAsync(Broker, Files);
        for (int i = 0; i < Reports; i++)
            await test.AppendAsync(TestReports.Numbered(i, jpegBytes: 1500));
        if (close)
            await test.CloseAsync();
        return Directory.GetFiles(test.Folder, "outbox.db*").ToDictionary(static path => Path.GetFileName(path), File.ReadAllBytes);
    }

    private static byte[] Damage(byte[] content, Random random)
    {
        if (content.Length == 0)
            return content;
        if (random.Next(8) == 0)
            return content[..random.Next(content.Length)];
        byte[] damaged = [.. content];
        for (int flips = 1 << random.Next(8); flips > 0; flips--)
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
        if (random.Next(4) == 0)
        {
            int start = random.Next(damaged.Length);
            Array.Clear(damaged, start, random.Next(Math.Min(8192, damaged.Length - start)));
        }

        return damaged;
    }

    private static async Task<int> DeliverAsync(TestOutbox test)
    {
        OutboxCursor cursor = test.Cursor(Broker);
        await cursor.ReadRequeuedAsync();
        int delivered = 0;
        while (!cursor.IsUpToDate)
        {
            IReadOnlyList<StoredReport> reports = await ReadAsync(cursor);
            if (reports.Count == 0)
                break;
            await cursor.AdvanceAsync(reports[^1].Seq, reports.Count);
            delivered += reports.Count;
        }

        return delivered;
    }

    private static async Task<List<string>> ReadNewAsync(TestOutbox test) =>
        [.. (await ReadAsync(test.Cursor(Broker))).Select(static stored => stored.Report.Summary)];

    /// <summary>What is left; none where there is nothing and the cursor would wait.</summary>
    private static async Task<IReadOnlyList<StoredReport>> ReadAsync(OutboxCursor cursor)
    {
        using var nothing = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            return await cursor.ReadAsync(100, withJpeg: true, nothing.Token);
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }
}
