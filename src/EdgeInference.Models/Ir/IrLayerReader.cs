using EdgeInference.Inference;

namespace EdgeInference.Models.Ir;

/// <summary>Reads the layers of a file, each within what its kind may take and all within what the file may.</summary>
internal sealed class IrLayerReader(IrXml xml, string path)
{
    private static readonly Dictionary<string, IrBlob> NoBlobs = [];

    private int _ports;
    private int _attributes;

    public List<IrLayer> Layers { get; } = [];

    /// <summary>Reads the children of the element &lt;layers&gt;.</summary>
    public void ReadAll()
    {
        int depth = xml.Depth;
        while (xml.NextChild(depth))
        {
            if (Layers.Count == IrLimits.Layers)
                throw new ModelException($"{path}: has more than {IrLimits.Layers} layers.");
            Layers.Add(ReadLayer());
        }
    }

    private IrLayer ReadLayer()
    {
        string name = xml.NameAttribute("name", $"{path}: a layer");
        string type = xml.NameAttribute("type", $"{path}: layer '{name}'");
        string where = $"{path}: layer '{name}' ({type})";
        long id = xml.Number("id", where);
        string version = xml.NameAttribute("version", where);
        string precision = xml.NameAttribute("precision", where);
        List<KeyValuePair<string, string>> attributes = [];
        Dictionary<string, IrBlob>? blobs = null;
        List<IrPort> inputs = [];
        List<IrPort> outputs = [];
        int depth = xml.Depth;
        while (xml.NextChild(depth))
        {
            switch (xml.Name)
            {
                case "input":
                    ReadPorts(inputs, where);
                    break;
                case "output":
                    ReadPorts(outputs, where);
                    break;
                case "blobs":
                    ReadBlobs(blobs ??= new(StringComparer.Ordinal), where);
                    break;
                case "weights" or "biases":
                    ReadBlob(blobs ??= new(StringComparer.Ordinal), where);
                    break;
                case "rt_info":
                    break;
                default:
                    // <data> since version 3; before that the attributes may stand in an element named after the layer type.
                    ReadAttributes(attributes, where);
                    break;
            }
        }

        return new IrLayer
        {
            Id = id,
            Name = name,
            Type = type,
            Version = version,
            Precision = precision,
            Attributes = attributes.Count == 0 ? IrAttributes.None : new IrAttributes([.. attributes]),
            Blobs = blobs ?? NoBlobs,
            Inputs = [.. inputs],
            Outputs = [.. outputs],
        };
    }

    private void ReadAttributes(List<KeyValuePair<string, string>> attributes, string where)
    {
        foreach (KeyValuePair<string, string> attribute in xml.Attributes())
        {
            attributes.Add(attribute);
            CountAttribute(attributes.Count, where);
        }
    }

    private void ReadPorts(List<IrPort> ports, string where)
    {
        string port = $"{where}: a port";
        int depth = xml.Depth;
        while (xml.NextChild(depth))
        {
            if (xml.Name is not "port")
                continue;
            if (ports.Count == IrLimits.PortsOfLayer)
                throw new ModelException($"{where}: has more than {IrLimits.PortsOfLayer} inputs or outputs.");
            if (++_ports > IrLimits.Ports)
                throw new ModelException($"{path}: its layers have more than {IrLimits.Ports} inputs and outputs.");
            ports.Add(ReadPort(port));
        }
    }

    private IrPort ReadPort(string port)
    {
        long id = xml.Number("id", port);
        string precision = xml.NameAttribute("precision", port);
        string[] names = ReadNames(port);
        Span<long> shape = stackalloc long[IrLimits.Rank];
        int rank = 0;
        int depth = xml.Depth;
        while (xml.NextChild(depth))
        {
            if (xml.Name is not "dim")
                continue;
            if (rank == shape.Length)
                throw new ModelException($"{port} has more than {shape.Length} dimensions.");
            long size = xml.Number(port);
            if (size < -1)
                throw new ModelException($"{port} has a negative dimension.");
            shape[rank++] = size;
        }

        return new IrPort(id, precision, rank == 0 ? [] : shape[..rank].ToArray(), names);
    }

    /// <summary>Names are separated by commas; one that is part of a name has a backslash before it.</summary>
    private string[] ReadNames(string where)
    {
        if (xml.Attribute("names") is not { Length: > 0 } list)
            return [];
        string[] names = [.. list.Replace("\\,", "\0", StringComparison.Ordinal)
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(name => IrXml.ToName(name.Replace('\0', ','), where))];
        for (int i = 1; i <= names.Length; i++)
            CountAttribute(i, where);
        return names;
    }

    private void ReadBlobs(Dictionary<string, IrBlob> blobs, string where)
    {
        int depth = xml.Depth;
        while (xml.NextChild(depth))
            ReadBlob(blobs, where);
    }

    private void ReadBlob(Dictionary<string, IrBlob> blobs, string where)
    {
        string blob = $"{where}: {xml.Name}";
        blobs[xml.Name] = new IrBlob(xml.Number("offset", blob), xml.Number("size", blob));
        CountAttribute(blobs.Count, where);
    }

    private void CountAttribute(int ofLayer, string where)
    {
        if (ofLayer > IrLimits.AttributesOfLayer)
            throw new ModelException($"{where}: has more than {IrLimits.AttributesOfLayer} attributes, names or blobs.");
        if (++_attributes > IrLimits.Attributes)
            throw new ModelException($"{path}: its layers have more than {IrLimits.Attributes} attributes, names and blobs.");
    }
}
