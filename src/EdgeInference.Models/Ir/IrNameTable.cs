using System.Xml;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ir;

/// <summary>One string for each name of elements and attributes in a file, of which there are not more than <see cref="IrLimits.DistinctNames"/>.</summary>
internal sealed class IrNameTable : XmlNameTable
{
    private readonly NameTable _names = new();
    private int _count;

    public override string Add(char[] array, int offset, int length)
    {
        if (_names.Get(array, offset, length) is { } known)
            return known;
        Count();
        return _names.Add(array, offset, length);
    }

    public override string Add(string array)
    {
        if (_names.Get(array) is { } known)
            return known;
        Count();
        return _names.Add(array);
    }

    public override string? Get(char[] array, int offset, int length) => _names.Get(array, offset, length);

    public override string? Get(string array) => _names.Get(array);

    private void Count()
    {
        if (++_count > IrLimits.DistinctNames)
            throw new LayerException($"it has more than {IrLimits.DistinctNames} different names of elements and attributes");
    }
}
