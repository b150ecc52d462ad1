namespace EdgeInference.Models.Ir;

/// <summary>What an IR's .xml says, with nothing interpreted.</summary>
/// <param name="Name">The network's name.</param>
/// <param name="Version">The IR version: up to 7 legacy layers, from 10 opsets.</param>
/// <param name="Layers">The layers in the file's order.</param>
/// <param name="Edges">The edges in the file's order.</param>
/// <param name="PreProcess">Means to subtract from an input, in legacy files.</param>
internal sealed record IrDocument(
    string Name,
    int Version,
    IReadOnlyList<IrLayer> Layers,
    IReadOnlyList<IrEdge> Edges,
    IrPreProcess? PreProcess)
{
    private const long LayerBytes = 512;
    private const long PortBytes = 128;
    private const long EdgeBytes = 128;

    public bool IsLegacy => Version < 10;

    /// <summary>Memory of the records and of what puts them in order, roughly.</summary>
    public long Footprint => (Edges.Count * EdgeBytes)
        + Layers.Sum(static layer => LayerBytes + layer.Attributes.Footprint + ((layer.Inputs.Length + layer.Outputs.Length) * PortBytes));
}

/// <summary>A layer as written.</summary>
internal sealed record IrLayer
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    public required string Type { get; init; }

    /// <summary>The opset: "opset1"; empty in legacy files.</summary>
    public required string Version { get; init; }

    /// <summary>The precision of a legacy layer's weights; empty in newer files.</summary>
    public required string Precision { get; init; }

    public required IrAttributes Attributes { get; init; }

    /// <summary>A legacy layer's weights, biases and the like, by name.</summary>
    public required IReadOnlyDictionary<string, IrBlob> Blobs { get; init; }

    public required IrPort[] Inputs { get; init; }

    public required IrPort[] Outputs { get; init; }
}

/// <summary>An input or output of a layer.</summary>
/// <param name="Id">Its number, unique in the layer.</param>
/// <param name="Precision">The element type; empty where the file gives none.</param>
/// <param name="Shape">The declared dimensions; -1 where dynamic.</param>
/// <param name="Names">Tensor names.</param>
internal sealed record IrPort(long Id, string Precision, long[] Shape, IReadOnlyList<string> Names);

/// <summary>A range of bytes in the .bin.</summary>
internal readonly record struct IrBlob(long Offset, long Size);

/// <summary>A connection from an output port to an input port.</summary>
internal readonly record struct IrEdge(long FromLayer, long FromPort, long ToLayer, long ToPort);
