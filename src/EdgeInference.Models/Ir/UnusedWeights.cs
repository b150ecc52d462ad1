using System.Globalization;
using System.Xml;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ir;

/// <summary>
/// Finds a .bin that belongs to another .xml: of a whole model every byte up to its end is named, so that one which is longer
/// comes from another version, of which the .xml would read any numbers as its weights.
/// </summary>
internal static class UnusedWeights
{
    /// <exception cref="LayerException">The .bin holds more than the .xml names.</exception>
    public static void Check(string path, string weights)
    {
        long length = IrWeights.LengthOf(weights);
        long named = EndOf(path);
        if (length > named)
            throw new LayerException($"its weights end at byte {named} of '{weights}', which has {length}: the two files are not of the same model");
    }

    /// <summary>Of all layers, those inside others included.</summary>
    private static long EndOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = IrLimits.FileBytes };
        using var reader = XmlReader.Create(file, settings);
        long end = 0;
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element
                && long.TryParse(reader.GetAttribute("offset"), CultureInfo.InvariantCulture, out long offset)
                && long.TryParse(reader.GetAttribute("size"), CultureInfo.InvariantCulture, out long size))
            {
                end = Math.Max(end, offset + size);
            }
        }

        return end;
    }
}
