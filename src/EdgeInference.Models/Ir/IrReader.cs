using System.Globalization;
using System.Xml;
using EdgeInference.Inference;

namespace EdgeInference.Models.Ir;

/// <summary>Reads the .xml of an IR of any version within <see cref="IrLimits"/>.</summary>
internal static class IrReader
{
    /// <exception cref="ModelException">The file is not an IR, or holds more than any real model.</exception>
    /// <exception cref="XmlException">The file is not well-formed XML, or has a document type.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IrDocument Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > IrLimits.FileBytes)
            throw new ModelException($"{path}: has {stream.Length} bytes of XML; at most {IrLimits.FileBytes} are read.");

        using IrXml xml = IrXml.Open(stream);
        return xml.Name is "net"
            ? ReadNet(xml, path)
            : throw new ModelException($"{path}: not an OpenVINO IR: the root element is <{xml.Name}>, not <net>.");
    }

    private static IrDocument ReadNet(IrXml xml, string path)
    {
        string name = xml.NameAttribute("name", path) is { Length: > 0 } given ? given : Path.GetFileNameWithoutExtension(path);
        string version = xml.Attribute("version") ?? "";
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 2 or > 11 or 8 or 9)
            throw new ModelException($"{path}: IR version '{version}' is not one of 2 to 7, 10 and 11.");

        var layers = new IrLayerReader(xml, path);
        var edges = new List<IrEdge>();
        IrPreProcess? preProcess = null;
        int depth = xml.Depth;
        while (xml.NextChild(depth))
        {
            switch (xml.Name)
            {
                case "layers":
                    layers.ReadAll();
                    break;
                case "edges":
                    ReadEdges(xml, edges, path);
                    break;
                case "pre-process":
                    preProcess = ReadPreProcess(xml, path);
                    break;
                default:
                    break;
            }
        }

        xml.End();
        return layers.Layers.Count > 0
            ? new IrDocument(name, number, layers.Layers, edges, preProcess)
            : throw new ModelException($"{path}: has no layers.");
    }

    private static void ReadEdges(IrXml xml, List<IrEdge> edges, string path)
    {
        string where = $"{path}: an edge";
        int depth = xml.Depth;
        while (xml.NextChild(depth))
        {
            if (edges.Count == IrLimits.Edges)
                throw new ModelException($"{path}: has more than {IrLimits.Edges} edges.");
            edges.Add(new IrEdge(xml.Number("from-layer", where), xml.Number("from-port", where), xml.Number("to-layer", where), xml.Number("to-port", where)));
        }
    }

    private static IrPreProcess ReadPreProcess(IrXml xml, string path)
    {
        string where = $"{path}: <pre-process>";
        if (xml.Attribute("mean-precision") is not (null or "FP32") and var precision)
            throw new ModelException($"{where}: means of {precision} are not supported.");
        string layer = xml.NameAttribute("reference-layer-name", where);
        var means = new List<IrMean?>();
        int depth = xml.Depth;
        while (xml.NextChild(depth))
        {
            if (xml.Name is not "channel")
                continue;
            if (means.Count == IrLimits.Means)
                throw new ModelException($"{where}: has more than {IrLimits.Means} channels.");
            means.Add(ReadChannel(xml, where));
        }

        return new IrPreProcess(layer, means);
    }

    private static IrMean? ReadChannel(IrXml xml, string where)
    {
        IrMean? mean = null;
        int depth = xml.Depth;
        while (xml.NextChild(depth))
        {
            if (xml.Name is "mean")
                mean ??= ReadMean(xml, where);
        }

        return mean;
    }

    private static IrMean ReadMean(IrXml xml, string where)
    {
        if (xml.Attribute("offset") is not null)
            return new IrMean(0, new IrBlob(xml.Number("offset", where), xml.Number("size", where)));
        return float.TryParse(xml.Attribute("value"), NumberStyles.Float, CultureInfo.InvariantCulture, out float value)
            ? new IrMean(value, null)
            : throw new ModelException($"{where}: mean '{xml.Attribute("value")}' is not a number.");
    }
}
