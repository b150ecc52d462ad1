using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>
/// Adds operations to a graph, one method each, in the sister files by family: each infers its result's type and shape,
/// and where all operands are constants computes the result instead of adding a node.
/// </summary>
internal sealed partial class GraphBuilder(Graph graph, LoadBudget budget)
{
    /// <summary>Memory of a node or value with what describes it, roughly.</summary>
    private const long NodeBytes = 768;
    private const long ValueBytes = 256;

    /// <summary>A builder whose constants may take so many bytes, all that are ever made counted.</summary>
    public GraphBuilder(Graph graph, long constantBudget)
        : this(graph, new LoadBudget(constantBudget, constantBudget))
    {
    }

    public Graph Graph { get; } = graph;

    /// <summary>The layer that is being translated: its name goes to the values made.</summary>
    public string LayerName { get; set; } = "";

    public Value Input(TensorElementType elementType, long[] shape)
    {
        var value = new Value(LayerName, elementType, Checked(elementType, shape));
        Graph.Inputs.Add(value);
        return value;
    }

    /// <exception cref="LayerException">All constants together take more memory than any real model of the file's size.</exception>
    public Value Constant(Constant constant)
    {
        budget.Charge(ValueBytes);
        return budget.TryCount(constant.Data)
            ? new Value(LayerName, constant.ElementType, constant.Shape) { Constant = constant }
            : throw TooLarge(constant.Shape);
    }

    public Value Ints(params long[] values) => Constant(Graphs.Constant.Ints(values));

    /// <summary>A single Int64 without dimensions.</summary>
    public Value Int(long value) => Constant(Graphs.Constant.Ints(value).WithShape([]));

    /// <summary>A single float without dimensions, so that it never widens what it is broadcast to.</summary>
    public Value Float(float value) => Constant(Graphs.Constant.Floats([value]));

    /// <summary>The same of any type; one beyond the type's range becomes its nearest bound.</summary>
    public Value Number(double value, TensorElementType elementType)
    {
        Constant number = elementType == TensorElementType.Float32
            ? Graphs.Constant.Floats([(float)value])
            : Graphs.Constant.Ints(long.CreateSaturating(value)).WithShape([]);
        return Cast(Constant(number), elementType);
    }

    /// <summary>Adds a node with one output, unless that is sizes which are all known.</summary>
    public Value Add(string operation, IEnumerable<Value?> inputs, TensorElementType elementType, long[] shape, params NodeAttribute[] attributes)
    {
        var output = new Value(LayerName, elementType, Checked(elementType, shape));
        var node = new Node(operation, inputs, [output], attributes);
        output.Sizes = KnownSizes.Of(node);
        if (output.Sizes is { } sizes && !sizes.Contains(Shapes.Unknown))
            return Cast(Constant(Graphs.Constant.Ints(sizes).WithShape(shape)), elementType);
        Add(node);
        return output;
    }

    public void Add(Node node)
    {
        budget.Charge(NodeBytes);
        foreach (Value output in node.Outputs)
            output.Producer = node;
        Graph.Nodes.Add(node);
    }

    /// <summary>Memory for a constant that is about to be computed, charged before it is allocated.</summary>
    private byte[] Allocate(TensorElementType elementType, IReadOnlyList<long> shape) =>
        budget.TryAllocate(checked(Shapes.Count(shape) * elementType.Size())) ?? throw TooLarge(shape);

    private static LayerException TooLarge(IReadOnlyList<long> shape) =>
        new($"a constant of shape {Shapes.Describe(shape)} would take more memory than any real model of this file's size");

    private static long[] Checked(TensorElementType elementType, long[] shape)
    {
        Shapes.RequireRank(shape.Length);
        long bytes = elementType.Size();
        foreach (long dimension in shape)
        {
            if (dimension < Shapes.Unknown)
                throw new LayerException($"shape {Shapes.Describe(shape)} has a negative size");
            bytes = checked(bytes * Math.Max(dimension, 1));
        }

        return bytes <= int.MaxValue ? shape : throw new LayerException($"shape {Shapes.Describe(shape)} is larger than 2 GB");
    }
}
