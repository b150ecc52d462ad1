using System.Globalization;
using System.Text;
using EdgeInference.Publishing.LocalJpeg;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Win32.SafeHandles;

namespace EdgeInference.Publishing.Tests.LocalJpeg;

/// <summary>
/// Damaged indexes, the same ones in every run: reading throws nothing, and yields no name outside of the folder.
/// EDGEINFERENCE_FUZZ_CASES sets how many.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class PictureIndexFuzzTests : PictureFolderTest
{
    private static readonly string[] Parts =
    [
        "..", ".", "", "a", "day", "1.jpg", "\\", "\0", "\r", " ", "x y", "ü", ".edge-inference-line1.index", "link", "/", "//", "-", "+", "\u202e", "9999999999999", "\uFFFD",
    ];

    private readonly System.Random _random = new(1);

    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int cases) ? cases : 400;

    [Property(MaxTest = 1000)]
    public void Parse_AnyBytes_YieldsNoNameOutside(byte[] line) => AssertInside(PictureEntry.Parse(line));

    [Property(MaxTest = 1000)]
    public void Parse_AnyName_IsReadBackOrRefused(NonNull<string> text, DateTime time, NonNegativeInt bytes, Guid id)
    {
        string name = text.Get;
        bool isUnicode = name == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name));
        var entry = new PictureEntry(new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)), bytes.Get, id, name);

        PictureEntry? read = PictureEntry.Parse(entry.ToLine().AsSpan()[..^1]);

        AssertInside(read);
        if (isUnicode && PictureEntry.IsName(name))
            Assert.Equal(entry, read);
        else if (!PictureEntry.IsName(name))
            Assert.Null(read);
    }

    [Property(MaxTest = 1000)]
    public Property Parse_NamesOfDangerousParts_YieldsNoNameOutside() => Prop.ForAll(
        Gen.Elements(Parts).ListOf().Select(static parts => string.Join('/', parts)).ToArbitrary(),
        static name => AssertInside(PictureEntry.Parse(Encoding.UTF8.GetBytes($"+ 2020-01-01T00:00:00.0000000Z 10 {Guid.Empty:N} {name}"))));

    [Fact]
    public void Read_DamagedIndex_YieldsEveryLineOnceAndNoNameOutside()
    {
        byte[] seed = Seed();
        Directory.CreateDirectory(Root);
        string path = PathOf("damaged");
        int entries = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] damaged = Damage(seed);
            File.WriteAllBytes(path, damaged);
            using SafeFileHandle file = File.OpenHandle(path);
            var reader = new PictureIndexReader(file, 0);
            long next = 0;
            int lines = 0;
            while (reader.Read())
            {
                Assert.Equal(next, reader.Offset);
                next = reader.Next;
                lines++;
                Assert.Equal((byte)'\n', damaged[next - 1]);
                AssertInside(reader.Entry);
                entries += reader.Entry is null ? 0 : 1;
            }

            Assert.Equal(damaged.Count(static b => b == '\n'), lines);
        }

        Assert.NotEqual(0, entries);
    }

    [Fact]
    public void Write_DamagedIndex_WritesThePictureAndDeletesNothingForeign()
    {
        string[] ours = ["a/1.jpg", "a/2.jpg", "b/3.jpg"];
        for (int i = 0; i < Cases / 4; i++)
        {
            if (Directory.Exists(Root))
                Directory.Delete(Root, recursive: true);
            WriteAll(NoLimits, ours);
            File.WriteAllText(PathOf("foreign"), "a size that no line has");
            File.WriteAllText(Path.Combine(Beside, "victim"), "0123456789");
            File.WriteAllBytes(IndexPath, Damage(File.ReadAllBytes(IndexPath)));

            WriteAll(NoLimits with { Files = 1 }, "4.jpg", "5.jpg");

            Assert.True(Has("5.jpg"));
            Assert.False(Has("4.jpg"));
            Assert.True(Has("foreign"));
            Assert.True(File.Exists(Path.Combine(Beside, "victim")));
        }
    }

    private static void AssertInside(PictureEntry? entry)
    {
        if (entry is null)
            return;
        Assert.InRange(entry.Bytes, 0, int.MaxValue);
        Assert.StartsWith("/pictures/", Path.GetFullPath(Path.Combine("/pictures", entry.Name)), StringComparison.Ordinal);
        Assert.StartsWith("/pictures/", Path.GetFullPath(Path.Combine("/pictures", entry.PartialName)), StringComparison.Ordinal);
        Assert.False(Path.GetFileName(entry.Name).StartsWith(".edge-inference-", StringComparison.Ordinal));
    }

    private byte[] Seed()
    {
        using var seed = new MemoryStream();
        seed.Write("# heading\n"u8);
        for (int i = 0; i < 100; i++)
            seed.Write(new PictureEntry(Time.GetUtcNow(), i, Guid.NewGuid(), $"line1/2026/01/31/{i}.jpg").ToLine());
        seed.Write(Encoding.UTF8.GetBytes($"+ 2020-01-01T00:00:00.0000000Z 10 {Guid.Empty:N} {new string('x', 50_000)}\n"));
        seed.Write("- 2020\n\n+\n"u8);
        seed.Write(new PictureEntry(Time.GetUtcNow(), 1, Guid.NewGuid(), "last.jpg").ToLine());
        return seed.ToArray();
    }

    /// <summary>Changes, repeats, cuts out and inserts bytes, and what is dangerous in names.</summary>
    private byte[] Damage(byte[] seed)
    {
        List<byte> bytes = [.. seed];
        for (int i = _random.Next(1, 12); i > 0; i--)
        {
            int at = _random.Next(bytes.Count + 1);
            int length = Math.Min(_random.Next(64), bytes.Count - at);
            switch (_random.Next(5))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Parts[_random.Next(Parts.Length)]));
                    break;
                default:
                    bytes.InsertRange(at, "\n"u8);
                    break;
            }
        }

        return [.. bytes];
    }
}
