using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using EdgeInference.Inference;

namespace EdgeInference.Models.Tests.Ir;

/// <summary>Small files that ask for much: each is refused with one message before the memory or the time is spent.</summary>
public sealed class HostileIrTests : IDisposable
{
    private const long AllowedBytes = 64 << 20;

    private readonly TinyModel _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Read_XmlLargerThanAnyReal_IsRefusedUnread()
    {
        using (FileStream stream = File.OpenWrite(_files.Xml))
            stream.SetLength(1L << 30);

        AssertRefused("has 1073741824 bytes of XML; at most 33554432 are read.");
    }

    [Fact]
    public void Read_NestedElements_AreRefused() =>
        AssertRefused($"<net version=\"11\">{Repeat("<a>", 100_000)}", "its elements are nested more than 64 deep.");

    [Fact]
    public void Read_LongAttribute_IsRefused() =>
        AssertRefused($"<net version=\"11\"><layers><layer id=\"0\" name=\"{new string('x', 1 << 20)}\" type=\"ReLU\"/></layers></net>", "it has an element or text of more than 262144 characters.");

    [Fact]
    public void Read_LongName_IsRefused() =>
        AssertRefused($"<net version=\"11\"><layers><layer id=\"0\" name=\"{new string('x', 1025)}\" type=\"ReLU\"/></layers></net>", "a layer: a name of 1025 characters is longer than 1024.");

    [Fact]
    public void Read_ManyDifferentNames_AreRefused() =>
        AssertRefused($"<net version=\"11\">{Repeat("<e{0}/>", 20_000)}</net>", "it has more than 16384 different names of elements and attributes.");

    [Fact]
    public void Read_ManyAttributesOfALayer_AreRefused() =>
        AssertRefused($"<net version=\"11\"><layers><layer id=\"0\" name=\"x\" type=\"ReLU\"><data {Repeat("a{0}=\"\" ", 300)}/></layer></layers></net>", "layer 'x' (ReLU): has more than 256 attributes, names or blobs.");

    [Fact]
    public void Read_ManyLayers_AreRefused() =>
        AssertRefused($"<net version=\"11\"><layers>{Repeat("<layer id=\"{0}\"/>", 65_537)}</layers></net>", "has more than 65536 layers.");

    [Fact]
    public void Read_ManyPortsOfALayer_AreRefused() =>
        AssertRefused($"<net version=\"11\"><layers><layer id=\"0\" name=\"x\" type=\"Concat\"><input>{Repeat("<port id=\"{0}\"/>", 4097)}</input></layer></layers></net>", "layer 'x' (Concat): has more than 4096 inputs or outputs.");

    [Fact]
    public void Read_ManyPorts_AreRefused() =>
        AssertRefused($"<net version=\"11\"><layers>{Repeat($"<layer id=\"{{0}}\" type=\"Split\"><output>{Repeat("<port id=\"{0}\"/>", 4096)}</output></layer>", 65)}</layers></net>", "its layers have more than 262144 inputs and outputs.");

    [Fact]
    public void Read_ManyEdges_AreRefused() =>
        AssertRefused($"<net version=\"11\"><layers><layer id=\"0\"/></layers><edges>{Repeat("<edge from-layer=\"0\" from-port=\"0\" to-layer=\"0\" to-port=\"0\"/>", 262_145)}</edges></net>", "has more than 262144 edges.");

    [Fact]
    public void Read_BytesThatAreNotUtf8_AreRefused()
    {
        File.WriteAllBytes(_files.Xml, [.. "<net version=\"11\" name=\""u8, 0xff, .. "\"/>"u8]);

        AssertRefused("it has bytes that are no UTF-8.");
    }

    [Fact]
    public void Read_ControlCharactersInNames_AreReplaced()
    {
        File.WriteAllText(_files.Xml, TinyModel.Text.Replace("names=\"out\"", "names=\"a&#x9b;b&#x202e;c\"", StringComparison.Ordinal));

        Assert.Equal("a\uFFFDb\uFFFDc", Assert.Single(ModelFile.Read(_files.Xml).Outputs).Name);
    }

    [Fact]
    public void Read_BroadcastConstants_AreRefused() =>
        AssertRefused(
            Constants("Add", "[46341,1] [1,46341]", [], "[46341,46341]"),
            new byte[46341 * 4],
            "layer 'last' (Add): a constant of shape [46341,46341] would take more memory than any real model of this file's size.");

    [Fact]
    public void Read_RangeWithoutEnd_IsRefused() =>
        AssertRefused(
            Constants("Range", "[] [] []", [0, int.MaxValue, 1], "[-1]"),
            "layer 'last' (Range): a constant of shape [2147483647] would take more memory than any real model of this file's size.");

    [Fact]
    public void Read_Tiles_AreRefused() =>
        AssertRefused(
            Constants("Tile", "[2] [2]", [1, 1, 1 << 30, 1 << 20], "[-1,-1]"),
            "layer 'last' (Tile): a constant of shape [1073741824,1,1048576,2] would take more memory than any real model of this file's size.");

    [Fact]
    public void Read_PriorsOfManyCells_AreRefused() =>
        AssertRefused(
            Constants("PriorBox", "[2] [2]", [31623, 31623, 300, 300], "[2,-1]", "min_size=\"1\" offset=\"0.5\" variance=\"0.1\""),
            "layer 'last' (PriorBox): 2 boxes for each of 31623 x 31623 cells are not possible.");

    [Fact]
    public void Read_ConcatenationsThatDouble_AreRefused()
    {
        var layers = new StringBuilder("<layer id=\"0\" name=\"c\" type=\"Const\" version=\"opset1\"><data element_type=\"f32\" shape=\"1024\" offset=\"0\" size=\"4096\"/><output><port id=\"2\"><dim>1024</dim></port></output></layer>");
        var edges = new StringBuilder();
        for (int i = 1; i <= 30; i++)
        {
            layers.Append(CultureInfo.InvariantCulture, $"<layer id=\"{i}\" name=\"c{i}\" type=\"Concat\" version=\"opset1\"><data axis=\"0\"/><input><port id=\"0\"/><port id=\"1\"/></input><output><port id=\"2\"><dim>-1</dim></port></output></layer>");
            edges.Append(CultureInfo.InvariantCulture, $"<edge from-layer=\"{i - 1}\" from-port=\"2\" to-layer=\"{i}\" to-port=\"0\"/><edge from-layer=\"{i - 1}\" from-port=\"2\" to-layer=\"{i}\" to-port=\"1\"/>");
        }

        AssertRefused($"<net version=\"11\"><layers>{layers}</layers><edges>{edges}</edges></net>", new byte[4096], "layer 'c13' (Concat): a constant of shape [8388608] would take more memory than any real model of this file's size.");
    }

    [Fact]
    public void Read_WeightsUsedInManyWays_AreRefused()
    {
        const int Bytes = 16 << 20;
        string layers = Repeat($"<layer id=\"{{0}}\" name=\"c{{0}}\" type=\"Const\" version=\"opset1\"><data element_type=\"f16\" shape=\"{Bytes / 4}\" offset=\"{{0}}\" size=\"{Bytes / 2}\"/><output><port id=\"0\"><dim>{Bytes / 4}</dim></port></output></layer>", 50);
        string edges = Repeat("<edge from-layer=\"{0}\" from-port=\"0\" to-layer=\"50\" to-port=\"{0}\"/>", 50);

        AssertRefused(
            $"<net version=\"11\"><layers>{layers}<layer id=\"50\" name=\"all\" type=\"Concat\" version=\"opset1\"><data axis=\"0\"/><input>{Repeat("<port id=\"{0}\"/>", 50)}</input></layer></layers><edges>{edges}</edges></net>",
            new byte[Bytes],
            "layer 'c6' (Const): there is no room for its weights, 16777216 bytes, beside those of other layers.");
    }

    [Fact]
    public void Read_ManyScalesAroundAConvolution_WalkItsWeightsOnce()
    {
        var layers = new StringBuilder();
        var edges = new StringBuilder();
        string shape = "<dim>1</dim><dim>3</dim><dim>4</dim><dim>4</dim>";
        for (int i = 10; i < 3010; i++)
        {
            layers.Append(CultureInfo.InvariantCulture, $"<layer id=\"{i}\" name=\"m{i}\" type=\"Multiply\" version=\"opset1\"><input><port id=\"0\">{shape}</port><port id=\"1\"/></input><output><port id=\"2\">{shape}</port></output></layer>");
            edges.Append(CultureInfo.InvariantCulture, $"<edge from-layer=\"{(i == 10 ? 2 : i - 1)}\" from-port=\"2\" to-layer=\"{i}\" to-port=\"0\"/><edge from-layer=\"3\" from-port=\"0\" to-layer=\"{i}\" to-port=\"1\"/>");
        }

        File.WriteAllText(_files.Xml, TinyModel.Text
            .Replace("</layers>", $"{layers}</layers>", StringComparison.Ordinal)
            .Replace("<edge from-layer=\"2\" from-port=\"2\"", $"{edges}<edge from-layer=\"3009\" from-port=\"2\"", StringComparison.Ordinal));

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotEqual(0, ModelFile.Read(_files.Xml).Onnx.Length);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllowedBytes);
    }

    [Fact]
    public void Read_WeightsOfFourBits_HaveRoomAsFloats()
    {
        const int Count = 16;
        const int Bytes = 1 << 20;
        string layers = Repeat($"<layer id=\"1{{0}}\" name=\"w{{0}}\" type=\"Const\" version=\"opset1\"><data element_type=\"u4\" shape=\"2048,1024\" offset=\"{{0}}\" size=\"{Bytes}\"/><output><port id=\"0\"><dim>2048</dim><dim>1024</dim></port></output></layer>"
            + "<layer id=\"2{0}\" name=\"f{0}\" type=\"Convert\" version=\"opset1\"><data destination_type=\"f32\"/><input><port id=\"0\"/></input><output><port id=\"1\"><dim>2048</dim><dim>1024</dim></port></output></layer>"
            + "<layer id=\"3{0}\" name=\"s{0}\" type=\"Multiply\" version=\"opset1\"><input><port id=\"0\"/><port id=\"1\"/></input><output><port id=\"2\"><dim>2048</dim><dim>1024</dim></port></output></layer>"
            + "<layer id=\"4{0}\" name=\"p{0}\" type=\"MatMul\" version=\"opset1\"><data transpose_a=\"false\" transpose_b=\"true\"/><input><port id=\"0\"/><port id=\"1\"/></input><output><port id=\"2\"><dim>1</dim><dim>2048</dim></port></output></layer>", Count);
        string edges = Repeat("<edge from-layer=\"1{0}\" from-port=\"0\" to-layer=\"2{0}\" to-port=\"0\"/><edge from-layer=\"2{0}\" from-port=\"1\" to-layer=\"3{0}\" to-port=\"0\"/><edge from-layer=\"6\" from-port=\"0\" to-layer=\"3{0}\" to-port=\"1\"/>"
            + "<edge from-layer=\"5\" from-port=\"0\" to-layer=\"4{0}\" to-port=\"0\"/><edge from-layer=\"3{0}\" from-port=\"2\" to-layer=\"4{0}\" to-port=\"1\"/><edge from-layer=\"4{0}\" from-port=\"2\" to-layer=\"7\" to-port=\"{0}\"/>", Count);
        File.WriteAllText(_files.Xml, "<net version=\"11\"><layers>"
            + "<layer id=\"5\" name=\"x\" type=\"Parameter\" version=\"opset1\"><data shape=\"1,1024\" element_type=\"f32\"/><output><port id=\"0\"><dim>1</dim><dim>1024</dim></port></output></layer>"
            + $"<layer id=\"6\" name=\"scale\" type=\"Const\" version=\"opset1\"><data element_type=\"f32\" shape=\"2048,1\" offset=\"0\" size=\"8192\"/><output><port id=\"0\"><dim>2048</dim><dim>1</dim></port></output></layer>{layers}"
            + $"<layer id=\"7\" name=\"all\" type=\"Concat\" version=\"opset1\"><data axis=\"1\"/><input>{Repeat("<port id=\"{0}\"/>", Count)}</input><output><port id=\"99\"><dim>1</dim><dim>32768</dim></port></output></layer>"
            + "<layer id=\"8\" name=\"y\" type=\"Result\" version=\"opset1\"><input><port id=\"0\"/></input></layer>"
            + $"</layers><edges>{edges}<edge from-layer=\"7\" from-port=\"99\" to-layer=\"8\" to-port=\"0\"/></edges></net>");
        File.WriteAllBytes(_files.Bin, new byte[Count * Bytes]);

        Assert.InRange(ModelFile.Read(_files.Xml).Onnx.Length, Count * Bytes * 8, int.MaxValue);
    }

    private static string Repeat(string text, int count)
    {
        var all = new StringBuilder();
        for (int i = 0; i < count; i++)
            all.Append(text.Replace("{0}", $"{i}", StringComparison.Ordinal));
        return all.ToString();
    }

    /// <summary>A layer of constants alone: whole numbers from the start of the .bin, or floats where there are none.</summary>
    private static (string Xml, byte[] Bin) Constants(string type, string shapes, long[] numbers, string output, string attributes = "")
    {
        var layers = new StringBuilder();
        var edges = new StringBuilder();
        string[] inputs = shapes.Split(' ');
        long offset = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            string shape = inputs[i].Trim('[', ']');
            long count = shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Aggregate(1L, static (product, size) => product * long.Parse(size, CultureInfo.InvariantCulture));
            (string element, int bytes) = numbers.Length > 0 ? ("i64", 8) : ("f32", 4);
            layers.Append(CultureInfo.InvariantCulture, $"<layer id=\"{i}\" name=\"c{i}\" type=\"Const\" version=\"opset1\"><data element_type=\"{element}\" shape=\"{shape}\" offset=\"{offset}\" size=\"{count * bytes}\"/><output><port id=\"0\">{Dimensions(shape)}</port></output></layer>");
            edges.Append(CultureInfo.InvariantCulture, $"<edge from-layer=\"{i}\" from-port=\"0\" to-layer=\"9\" to-port=\"{i}\"/>");
            offset += numbers.Length > 0 ? count * bytes : 0;
        }

        var bin = new byte[numbers.Length * 8];
        for (int i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bin.AsSpan(i * 8), numbers[i]);
        string ports = Repeat("<port id=\"{0}\"/>", inputs.Length);
        return ($"<net version=\"11\"><layers>{layers}<layer id=\"9\" name=\"last\" type=\"{type}\" version=\"opset1\"><data {attributes}/><input>{ports}</input><output><port id=\"8\">{Dimensions(output.Trim('[', ']'))}</port></output></layer></layers><edges>{edges}</edges></net>", bin);

        static string Dimensions(string shape) => string.Concat(shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static size => $"<dim>{size}</dim>"));
    }

    private void AssertRefused((string Xml, byte[] Bin) model, string expected) => AssertRefused(model.Xml, model.Bin, expected);

    private void AssertRefused((string Xml, byte[] Bin) model, byte[] bin, string expected) => AssertRefused(model.Xml, bin, expected);

    private void AssertRefused(string xml, string expected) => AssertRefused(xml, [], expected);

    private void AssertRefused(string xml, byte[] bin, string expected)
    {
        File.WriteAllText(_files.Xml, xml);
        File.WriteAllBytes(_files.Bin, bin);
        AssertRefused(expected);
    }

    private void AssertRefused(string expected)
    {
        long allowed = AllowedBytes + (4 * (new FileInfo(_files.Xml).Length + new FileInfo(_files.Bin).Length));
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(_files.Xml));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, allowed);
        Assert.Equal($"{_files.Xml}: {expected}", fault.Message);
    }
}
