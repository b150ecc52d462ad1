namespace EdgeInference.Service.CommandLine;

/// <summary>Rows of text in aligned columns: numbers to the right, all else to the left.</summary>
internal sealed class TextTable
{
    private readonly List<string[]> _rows = [];

    public TextTable Add(params string[] cells)
    {
        _rows.Add(cells);
        return this;
    }

    public void Write(TextWriter writer, string indent = "  ")
    {
        if (_rows.Count == 0)
            return;
        int[] widths = [.. Enumerable.Range(0, _rows.Max(static row => row.Length)).Select(column => _rows.Max(row => column < row.Length ? row[column].Length : 0))];
        foreach (string[] row in _rows)
            writer.WriteLine((indent + string.Join("  ", row.Select((cell, column) => IsNumber(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])))).TrimEnd());

        bool IsNumber(int column) => _rows.TrueForAll(row => row == _rows[0] || column >= row.Length || row[column].Length == 0 || char.IsAsciiDigit(row[column][0]))
            && _rows.Exists(row => column < row.Length && row[column].Length > 0 && char.IsAsciiDigit(row[column][0]));
    }
}
