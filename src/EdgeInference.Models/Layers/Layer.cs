using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers;

/// <summary>
/// How layers of one type (or a family that differs only in name) become graph operations. Stateless; found by the names
/// in its <see cref="OpsetLayerAttribute"/> and <see cref="LegacyLayerAttribute"/>, so that a new type is a new class and
/// nothing else.
/// </summary>
internal abstract class Layer
{
    /// <summary>Adds the layer's operations to the graph.</summary>
    /// <returns>The layer's outputs in port order; trailing ones that are not supported may be left out.</returns>
    /// <exception cref="LayerException">The layer is wrong, or more than is supported.</exception>
    public abstract IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph);
}

/// <summary>Names a layer type of IR v10 and newer.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class OpsetLayerAttribute(string type) : Attribute
{
    public string Type { get; } = type;
}

/// <summary>Names a layer type of IR v2 to v7.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class LegacyLayerAttribute(string type) : Attribute
{
    public string Type { get; } = type;
}
