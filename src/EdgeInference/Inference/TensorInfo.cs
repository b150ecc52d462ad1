namespace EdgeInference.Inference;

/// <summary>An input or output of a model.</summary>
/// <param name="Name">The name in the model file.</param>
/// <param name="ElementType">The type of its elements.</param>
/// <param name="Shape">Its dimensions, outermost first; -1 where the size is known only at run time.</param>
public sealed record TensorInfo(string Name, TensorElementType ElementType, IReadOnlyList<long> Shape)
{
    public bool IsStatic => Shape.All(static dimension => dimension >= 0);

    public override string ToString() =>
        $"{Name} {ElementType}[{string.Join(',', Shape.Select(static d => d < 0 ? "?" : d.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]";
}
