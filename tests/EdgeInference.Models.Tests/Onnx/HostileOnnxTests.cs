using EdgeInference.Inference;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Tests.Golden;
using Google.Protobuf;

namespace EdgeInference.Models.Tests.Onnx;

/// <summary>ONNX files made to harm: each is refused with one message that names the file, or loaded at the price of its size.</summary>
public sealed class HostileOnnxTests : IDisposable
{
    private const int AllowedBytes = 64 << 20;
    private const long Huge = 1L << 40;
    private const int NodeField = 1;
    private const int SparseInitializerField = 15;
    private const int FunctionField = 25;
    private const int TensorField = 5;
    private const int GraphField = 6;
    private const int SparseTensorField = 22;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-onnx-");

    private string ModelPath => Path.Combine(_folder.FullName, "hostile.onnx");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Read_FileOfMoreThan2GB_IsRefused()
    {
        using (FileStream file = File.Create(ModelPath))
            file.SetLength(1L << 31);

        AssertRefused("has 2147483648 bytes; no ONNX model has more than 2 GB.");
    }

    [Theory]
    [InlineData("initializer")]
    [InlineData("attribute")]
    [InlineData("list")]
    [InlineData("subgraph")]
    [InlineData("sparse")]
    [InlineData("sparse attribute")]
    [InlineData("function")]
    public void Read_TensorInAnotherFile_IsRefusedWhereverItStands(string place)
    {
        TensorProto tensor = new() { Name = "k", DataType = 1, DataLocation = TensorProto.Types.DataLocation.External };
        byte[] external = tensor.ToByteArray();
        Write(place switch
        {
            "initializer" => Model(Graph([Relu], [tensor])),
            "attribute" => Model(Graph([With(Relu, Field(TensorField, external))])),
            "list" => Model(Graph([With(Relu, Field(10, external))])),
            "subgraph" => Model(Graph([With(Relu, Field(GraphField, Graph([Relu], [tensor])))])),
            "sparse" => Model([.. Graph([Relu]), .. Field(SparseInitializerField, Field(1, external))]),
            "sparse attribute" => Model(Graph([With(Relu, Field(SparseTensorField, Field(1, external)))])),
            _ => [.. Model(Graph([Relu])), .. Field(FunctionField, Field(7, With(Relu, Field(TensorField, external)).ToByteArray()))],
        });

        AssertRefused("tensor 'k' is kept in another file, which is not supported.");
    }

    [Theory]
    [InlineData(25)]
    [InlineData(200)]
    [InlineData(5_000)]
    public void Read_GraphsInsideEachOther_AreRefused(int depth)
    {
        byte[] graph = Graph([Relu]);
        for (int i = 1; i < depth; i++)
            graph = Field(NodeField, Field(TensorField, Field(GraphField, graph)));
        Write(Model(graph));

        AssertRefused("its graphs are nested more than 24 deep.");
    }

    [Theory]
    [InlineData(NodeField)]
    [InlineData(TensorField)]
    [InlineData(GraphProto.InputFieldNumber)]
    [InlineData(GraphProto.ValueInfoFieldNumber)]
    public void Read_MillionsOfEmptyMessages_AreRefused(int field)
    {
        byte[] messages = [.. Enumerable.Repeat(Field(field, []), 2_000_000).SelectMany(static bytes => bytes)];
        Write(Model([.. Graph([Relu]), .. messages]));

        AssertRefused("the model would take more memory than any real one of its files' size.");
    }

    [Fact]
    public void Read_TensorOfManyDimensions_IsRefused()
    {
        TensorProto tensor = new() { Name = "k", DataType = 1 };
        tensor.Dims.AddRange(Enumerable.Repeat(1L, 1_000_000));
        Write(Model(Graph([Relu], [tensor])));

        AssertRefused("tensor 'k' has 1000000 dimensions; at most 16 are supported.");
    }

    [Fact]
    public void Read_TwoGraphs_AreRefused()
    {
        Write([.. Model(Graph([Relu])), .. Field(ModelProto.GraphFieldNumber, Graph([Relu]))]);

        AssertRefused("not an ONNX model: it has several graphs.");
    }

    [Theory]
    [InlineData(new byte[] { 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F })]
    [InlineData(new byte[] { 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    [InlineData(new byte[] { 0x3B, 0x3C })]
    [InlineData(new byte[] { 0x02, 0x00 })]
    [InlineData(new byte[] { 0x3D, 0x00 })]
    public void Read_MalformedField_IsRefused(byte[] content)
    {
        Write(content);

        AssertRefused("not an ONNX model, or cut off.");
    }

    [Fact]
    public void Read_LargeWeights_AreInMemoryOnce()
    {
        TensorProto tensor = new() { Name = "k", DataType = 1, RawData = ByteString.CopyFrom(new byte[AllowedBytes]) };
        tensor.Dims.Add(AllowedBytes / sizeof(float));
        Write(Model(Graph([Relu], [tensor])));

        long before = GC.GetAllocatedBytesForCurrentThread();
        int size = ModelFile.Read(ModelPath).Onnx.Length;

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, size, size + (1 << 20));
    }

    [Fact]
    public void Load_Cycle_IsRefused()
    {
        Write(Model(Graph([Node("Add", "a", "x", "b"), Node("Relu", "b", "a"), Node("Relu", "y", "b")])));

        AssertRefusedByEngine("the graph is not acyclic");
    }

    [Fact]
    public void Load_InputThatNothingMakes_IsRefused()
    {
        Write(Model(Graph([Node("Add", "y", "x", "nothing")])));

        AssertRefusedByEngine("'nothing' is not a graph input");
    }

    [Theory]
    [InlineData(8)]
    [InlineData(1L << 30)]
    [InlineData(Huge)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void Load_WeightsThatDoNotFitTheirShape_AreRefused(long size)
    {
        TensorProto tensor = new() { Name = "k", DataType = 1, RawData = ByteString.CopyFrom(new byte[16]) };
        tensor.Dims.Add(size);
        Write(Model(Graph([Node("ReduceSum", "r", "k"), Node("Add", "y", "x", "r")], [tensor])));

        AssertRefusedByEngine("");
    }

    /// <summary>Each asks for a constant of a size that a few bytes name. To compute it at load would take gigabytes.</summary>
    [Theory]
    [InlineData("ConstantOfShape", 1 << 28)]
    [InlineData("ConstantOfShape", Huge)]
    [InlineData("Range", 1 << 28)]
    [InlineData("Range", Huge)]
    [InlineData("Tile", 1 << 28)]
    [InlineData("Tile", Huge)]
    [InlineData("Expand", 1 << 28)]
    [InlineData("Expand", Huge)]
    [InlineData("Reshape", Huge)]
    public void Load_HugeConstant_IsNotComputed(string operation, long size)
    {
        TensorProto[] constants = [Int64("none", 0), Int64("one", 1), Int64("size", size), Int64("sizes", [size])];
        NodeProto node = operation switch
        {
            "ConstantOfShape" => Node(operation, "c", "sizes"),
            "Range" => Node(operation, "c", "none", "size", "one"),
            "Reshape" => Node(operation, "c", "x", "sizes"),
            _ => Node(operation, "c", "vector", "sizes"),
        };
        NodeProto cast = Node("Cast", "f", "c");
        cast.Attribute.Add(new AttributeProto { Name = "to", I = 1, Type = AttributeProto.Types.AttributeType.Int });
        Write(Model(Graph([node, cast, Node("ReduceSum", "r", "f"), Node("Add", "y", "x", "r")], [.. constants, Int64("vector", [7])])));
        string optimized = Path.Combine(_folder.FullName, "optimized.onnx");

        try
        {
            ModelRunner.Load(ModelFile.Read(ModelPath), new EngineOptions { OptimizedModelPath = optimized }).Dispose();
        }
        catch (ModelException e)
        {
            Assert.StartsWith($"{ModelPath}: ", e.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Contains(operation, ModelProto.Parser.ParseFrom(File.ReadAllBytes(optimized)).Graph.Node.Select(static n => n.OpType));
    }

    private static NodeProto Relu => Node("Relu", "y", "x");

    private static NodeProto Node(string operation, string output, params string[] inputs)
    {
        var node = new NodeProto { OpType = operation, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        return node;
    }

    /// <summary>The node with an attribute of what the schema here leaves out.</summary>
    private static NodeProto With(NodeProto node, byte[] attribute) =>
        NodeProto.Parser.ParseFrom([.. node.ToByteArray(), .. Field(NodeProto.AttributeFieldNumber, attribute)]);

    private static TensorProto Int64(string name, long value) =>
        new() { Name = name, DataType = 7, RawData = ByteString.CopyFrom(BitConverter.GetBytes(value)) };

    private static TensorProto Int64(string name, long[] values)
    {
        TensorProto tensor = new() { Name = name, DataType = 7, RawData = ByteString.CopyFrom([.. values.SelectMany(BitConverter.GetBytes)]) };
        tensor.Dims.Add(values.Length);
        return tensor;
    }

    /// <summary>From x to y, four floats each.</summary>
    private static byte[] Graph(NodeProto[] nodes, params TensorProto[] initializers)
    {
        var graph = new GraphProto { Name = "hostile" };
        graph.Node.AddRange(nodes);
        graph.Initializer.AddRange(initializers);
        graph.Input.Add(Floats("x"));
        graph.Output.Add(Floats("y"));
        return graph.ToByteArray();
    }

    private static ValueInfoProto Floats(string name) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = OnnxWriter.ToShape([1, 4]) } } };

    private static byte[] Model(byte[] graph)
    {
        var model = new ModelProto { IrVersion = 8 };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        return [.. model.ToByteArray(), .. Field(ModelProto.GraphFieldNumber, graph)];
    }

    private static byte[] Field(int field, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(content));
        }

        return stream.ToArray();
    }

    private void Write(byte[] model) => File.WriteAllBytes(ModelPath, model);

    private void AssertRefused(string expected)
    {
        long allowed = AllowedBytes + (4 * new FileInfo(ModelPath).Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(ModelPath));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, allowed);
        Assert.Equal($"{ModelPath}: {expected}", fault.Message);
    }

    private void AssertRefusedByEngine(string reason)
    {
        InferenceModel model = ModelFile.Read(ModelPath);
        ModelException fault = Assert.Throws<ModelException>(() => ModelRunner.Load(model));

        Assert.StartsWith($"{ModelPath}: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }
}
