using System.Globalization;
using EdgeInference.Inference;
using EdgeInference.Models.Inspection;

namespace EdgeInference.Service.CommandLine.Model;

/// <summary>An inspection for people.</summary>
internal sealed class InspectionText(TextWriter writer)
{
    private const int MostLayersNamed = 8;

    public void Write(ModelInspection inspection)
    {
        writer.WriteLine($"{inspection.Name}: {inspection.Format}");
        writer.WriteLine(inspection.Refusal is { } reason ? $"cannot be run: {reason}" : "can be run");
        WriteTensors("Inputs", inspection.Inputs, []);
        WriteTensors("Outputs", inspection.Outputs, inspection.DetectionOutputs);
        WriteUnsupported(inspection.Unsupported);
        WriteLayers(inspection.Layers);
        WriteFigures(inspection);
    }

    private void WriteTensors(string title, IReadOnlyList<TensorInfo> tensors, IReadOnlyList<int> detections)
    {
        writer.WriteLine($"\n{title}");
        var table = new TextTable();
        for (int i = 0; i < tensors.Count; i++)
        {
            string shape = string.Join(',', tensors[i].Shape.Select(static size => size < 0 ? "?" : size.ToString(CultureInfo.InvariantCulture)));
            table.Add(tensors[i].Name, tensors[i].ElementType.ToString(), $"[{shape}]", detections.Contains(i) ? "DetectionOutput, computed by this program" : "");
        }

        table.Write(writer);
    }

    private void WriteUnsupported(IReadOnlyList<UnsupportedType> types)
    {
        if (types.Count == 0)
            return;
        writer.WriteLine("\nNot supported");
        var table = new TextTable();
        foreach (UnsupportedType type in types)
        {
            string more = type.Layers.Count > MostLayersNamed ? $" and {type.Layers.Count - MostLayersNamed} more" : "";
            table.Add(type.Type, string.Join(", ", type.Layers.Take(MostLayersNamed).Select(static name => $"'{name}'")) + more);
        }

        table.Write(writer);
    }

    private void WriteLayers(IReadOnlyList<LayerCount> layers)
    {
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nLayers: {layers.Sum(static layer => layer.Count)}"));
        var table = new TextTable();
        foreach (LayerCount layer in layers)
            table.Add(layer.Type, layer.Count.ToString(CultureInfo.InvariantCulture), layer.Version);
        table.Write(writer);
    }

    private void WriteFigures(ModelInspection inspection)
    {
        writer.WriteLine("\nCost of one run");
        var table = new TextTable();
        if (inspection.Cost is { } cost)
        {
            string atLeast = cost.IsComplete ? "" : "at least ";
            table.Add("arithmetic", Number($"{atLeast}{2 * cost.MultiplyAdds / 1e9:0.###} GFLOPs"), "of convolutions, deconvolutions and matrix products; a multiplication and its addition count as two");
            table.Add("parameters", Number($"{cost.Parameters / 1e6:0.###} million"));
            table.Add("activations", atLeast + FileSize.Describe(cost.PeakActivationBytes), "held at once, at most");
        }

        table.Add("weights", FileSize.Describe(inspection.StoredWeightBytes), inspection.RunWeightBytes is { } bytes ? $"in the file; {FileSize.Describe(bytes)} as run" : "in the file");
        if (inspection.Kernels is { } kernels)
            table.Add("integer kernels", Share(kernels.IntegerConvolutions, kernels.FloatConvolutions), "of the convolutions");
        if (inspection.Kernels is { IntegerProducts: > 0 } products)
            table.Add("", Share(products.IntegerProducts, products.FloatProducts), "of the matrix products");
        table.Write(writer);
        if (inspection is not { ReadTime: { } read, LoadTime: { } load })
            return;
        writer.WriteLine("\nLoading");
        new TextTable()
            .Add("read and translate", Number($"{read.TotalMilliseconds:0} ms"))
            .Add("optimise and compile", Number($"{load.TotalMilliseconds:0} ms"))
            .Write(writer);
    }

    private static string Share(int integer, int other) => string.Create(CultureInfo.InvariantCulture, $"{integer} of {integer + other}");

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
