using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ir;

/// <summary>
/// How much of everything an IR's .xml may hold: several times what the largest real models have, and little enough that
/// what is kept of a file takes less than 64 MB + 4 x its size.
/// </summary>
internal static class IrLimits
{
    public const long FileBytes = 32 << 20;

    /// <summary>The most characters from one '&lt;' to the next, attributes and text included; an XmlReader keeps them all at once.</summary>
    public const int TagCharacters = 1 << 18;

    /// <summary>Elements inside each other.</summary>
    public const int Depth = 64;

    /// <summary>Different names of elements and attributes.</summary>
    public const int DistinctNames = 1 << 14;

    public const int Layers = 1 << 16;
    public const int Edges = 1 << 18;
    public const int PortsOfLayer = 1 << 12;
    public const int Ports = 1 << 18;
    public const int AttributesOfLayer = 1 << 8;

    /// <summary>Attributes, blobs and tensor names of all layers together.</summary>
    public const int Attributes = 1 << 18;
    public const int Rank = Shapes.HighestRank;

    /// <summary>Characters of the name of a layer, type or tensor.</summary>
    public const int NameLength = 1 << 10;

    /// <summary>Channels with a mean.</summary>
    public const int Means = 1 << 12;
}
