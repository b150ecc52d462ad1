using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using EdgeInference.Inference;

namespace EdgeInference.Models.Ir;

/// <summary>Reads the .xml of an IR of any version, one layer in memory at a time.</summary>
internal static class IrReader
{
    private const long LargestFile = 32 << 20;
    private const int MostLayers = 1 << 16;
    private const int MostPorts = 4096;
    private const int HighestRank = 16;

    /// <exception cref="ModelException">The file is not an IR.</exception>
    /// <exception cref="XmlException">The file is not well-formed XML, or has a document type.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IrDocument Read(string path)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = LargestFile,
            IgnoreComments = true,
            IgnoreWhitespace = true,
            IgnoreProcessingInstructions = true,
        };
        using FileStream stream = File.OpenRead(path);
        using XmlReader reader = XmlReader.Create(stream, settings);
        reader.MoveToContent();
        if (reader.LocalName is not "net")
            throw new ModelException($"{path}: not an OpenVINO IR: the root element is <{reader.LocalName}>, not <net>.");

        return ReadNet(reader, path);
    }

    private static IrDocument ReadNet(XmlReader reader, string path)
    {
        string name = reader.GetAttribute("name") ?? Path.GetFileNameWithoutExtension(path);
        string version = reader.GetAttribute("version") ?? "";
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 2 or > 11 or 8 or 9)
            throw new ModelException($"{path}: IR version '{version}' is not one of 2 to 7, 10 and 11.");

        var layers = new List<IrLayer>();
        var edges = new List<IrEdge>();
        IrPreProcess? preProcess = null;
        reader.Read();
        while (reader.NodeType != XmlNodeType.EndElement && !reader.EOF)
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName is "layers")
                ReadChildren(reader, element => layers.Add(ReadLayer(element, path)));
            else if (reader.NodeType == XmlNodeType.Element && reader.LocalName is "edges")
                ReadChildren(reader, element => edges.Add(ReadEdge(element, path)));
            else if (reader.NodeType == XmlNodeType.Element && reader.LocalName is "pre-process")
                preProcess = ReadPreProcess((XElement)XNode.ReadFrom(reader), path);
            else
                reader.Skip();
        }

        if (layers.Count > MostLayers)
            throw new ModelException($"{path}: {layers.Count} layers are more than {MostLayers}.");
        return layers.Count > 0 ? new IrDocument(name, number, layers, edges, preProcess) : throw new ModelException($"{path}: has no layers.");
    }

    private static void ReadChildren(XmlReader reader, Action<XElement> read)
    {
        bool empty = reader.IsEmptyElement;
        reader.Read();
        if (empty)
            return;
        while (reader.NodeType != XmlNodeType.EndElement && !reader.EOF)
        {
            if (XNode.ReadFrom(reader) is XElement element)
                read(element);
        }

        reader.Read();
    }

    private static IrEdge ReadEdge(XElement element, string path)
    {
        return new IrEdge(Number("from-layer"), Number("from-port"), Number("to-layer"), Number("to-port"));

        long Number(string name) => IrReader.Number(element.Attribute(name)?.Value, $"{path}: {name} of an edge");
    }

    private static IrPreProcess ReadPreProcess(XElement element, string path)
    {
        if ((string?)element.Attribute("mean-precision") is not (null or "FP32") and var precision)
            throw new ModelException($"{path}: means of {precision} in <pre-process> are not supported.");
        return new IrPreProcess(
            (string?)element.Attribute("reference-layer-name") ?? "",
            [.. element.Elements("channel").Select(channel => ReadMean(channel.Element("mean"), path))]);
    }

    private static IrMean? ReadMean(XElement? mean, string path)
    {
        if (mean is null)
            return null;
        if (mean.Attribute("offset") is not null)
            return new IrMean(0, ReadBlob(mean, $"{path}: <pre-process>"));
        return float.TryParse((string?)mean.Attribute("value"), NumberStyles.Float, CultureInfo.InvariantCulture, out float value)
            ? new IrMean(value, null)
            : throw new ModelException($"{path}: mean '{(string?)mean.Attribute("value")}' in <pre-process> is not a number.");
    }

    private static IrLayer ReadLayer(XElement element, string path)
    {
        string name = (string?)element.Attribute("name") ?? "";
        string type = (string?)element.Attribute("type") ?? "";
        string where = $"{path}: layer '{name}' ({type})";
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        var blobs = new Dictionary<string, IrBlob>(StringComparer.Ordinal);
        List<IrPort> inputs = [];
        List<IrPort> outputs = [];
        foreach (XElement child in element.Elements())
        {
            switch (child.Name.LocalName)
            {
                case "input":
                    inputs.AddRange(child.Elements("port").Select(port => ReadPort(port, where)));
                    break;
                case "output":
                    outputs.AddRange(child.Elements("port").Select(port => ReadPort(port, where)));
                    break;
                case "blobs":
                    foreach (XElement blob in child.Elements())
                        blobs[blob.Name.LocalName] = ReadBlob(blob, where);
                    break;
                case "weights" or "biases":
                    blobs[child.Name.LocalName] = ReadBlob(child, where);
                    break;
                case "rt_info":
                    break;
                default:
                    // <data> since version 3; before that the attributes may stand in an element named after the layer type.
                    foreach (XAttribute attribute in child.Attributes())
                        attributes[attribute.Name.LocalName] = attribute.Value;
                    break;
            }
        }

        if (Math.Max(inputs.Count, outputs.Count) > MostPorts)
            throw new ModelException($"{where}: {inputs.Count} inputs and {outputs.Count} outputs are more than {MostPorts}.");
        return new IrLayer
        {
            Id = Number((string?)element.Attribute("id"), $"{where}: id"),
            Name = name,
            Type = type,
            Version = (string?)element.Attribute("version") ?? "",
            Precision = (string?)element.Attribute("precision") ?? "",
            Attributes = attributes,
            Blobs = blobs,
            Inputs = inputs,
            Outputs = outputs,
        };
    }

    private static IrPort ReadPort(XElement port, string where)
    {
        long[] shape = [.. port.Elements("dim").Select(dim => Number(dim.Value, $"{where}: a dimension"))];
        if (shape.Any(static d => d < -1))
            throw new ModelException($"{where}: a port has a negative dimension.");
        if (shape.Length > HighestRank)
            throw new ModelException($"{where}: a port has {shape.Length} dimensions, more than {HighestRank}.");
        string[] names = [.. ((string?)port.Attribute("names") ?? "").Replace("\\,", "\0", StringComparison.Ordinal)
            .Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static n => n.Replace('\0', ','))];
        return new IrPort(
            Number((string?)port.Attribute("id"), $"{where}: id of a port"),
            (string?)port.Attribute("precision") ?? "",
            shape,
            names);
    }

    private static IrBlob ReadBlob(XElement blob, string where) => new(
        Number((string?)blob.Attribute("offset"), $"{where}: offset of {blob.Name.LocalName}"),
        Number((string?)blob.Attribute("size"), $"{where}: size of {blob.Name.LocalName}"));

    private static long Number(string? text, string what) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new ModelException($"{what} is '{text}', not a whole number.");
}
