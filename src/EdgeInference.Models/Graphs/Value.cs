using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>A tensor in the graph: an input, a constant, or what a node computes.</summary>
internal sealed class Value(string name, TensorElementType elementType, long[] shape)
{
    /// <summary>The layer that it comes from; not necessarily unique.</summary>
    public string Name { get; } = name;

    public TensorElementType ElementType { get; } = elementType;

    /// <summary>The dimensions, outermost first; -1 where unknown until run time.</summary>
    public IReadOnlyList<long> Shape { get; } = shape;

    public int Rank => Shape.Count;

    public bool IsStatic => Shapes.IsStatic(Shape);

    /// <summary>The content, when it is known at load.</summary>
    public Constant? Constant { get; init; }

    /// <summary>Of sizes computed from a shape: the elements, -1 for those known only at run time; else null.</summary>
    public long[]? Sizes { get; set; }

    /// <summary>The node that computes it; null for inputs and constants.</summary>
    public Node? Producer { get; set; }

    public override string ToString() => $"{Name} {ElementType}{Shapes.Describe(Shape)}";
}
