namespace EdgeInference.Models.Graphs;

/// <summary>
/// Einstein's summation: a letter for each axis of each operand; axes of one letter are walked together, and summed where
/// the result does not have the letter (OpenVINO opset spec, Einsum-7). An ellipsis stands for any number of broadcast axes.
/// </summary>
internal sealed class EinsumEquation
{
    private const char Ellipsis = '*';

    private readonly string[] _operands;
    private readonly string _result;

    private EinsumEquation(string[] operands, string result) => (_operands, _result) = (operands, result);

    /// <param name="text">Such as "bij,bjk->bik"; without an arrow the result has the letters that occur once, sorted.</param>
    public static EinsumEquation Parse(string text)
    {
        string compact = text.Replace(" ", "", StringComparison.Ordinal);
        string[] sides = compact.Replace("...", Ellipsis.ToString(), StringComparison.Ordinal).Split("->");
        if (compact.Contains(Ellipsis) || sides.Length > 2)
            throw Wrong(text);
        string[] operands = sides[0].Split(',');
        string result = sides.Length == 2 ? sides[1] : Implicit(sides[0]);
        if (operands.Append(result).Any(static term => !term.All(static c => char.IsAsciiLetter(c) || c == Ellipsis) || term.Count(static c => c == Ellipsis) > 1)
            || result.Distinct().Count() != result.Length
            || result.Except(sides[0]).Any()
            || result.Contains(Ellipsis) != sides[0].Contains(Ellipsis))
        {
            throw Wrong(text);
        }

        return new EinsumEquation(operands, result);
    }

    /// <summary>The equation with its arrow.</summary>
    public override string ToString() =>
        $"{string.Join(',', _operands)}->{_result}".Replace(Ellipsis.ToString(), "...", StringComparison.Ordinal);

    /// <param name="shapes">The operands' shapes.</param>
    /// <returns>The result's shape.</returns>
    public long[] ResultShape(IReadOnlyList<IReadOnlyList<long>> shapes)
    {
        if (shapes.Count != _operands.Length)
            throw new LayerException($"equation '{this}' is of {_operands.Length} operands, not {shapes.Count}");
        var sizes = new Dictionary<char, long[]>();
        for (int i = 0; i < shapes.Count; i++)
            Measure(_operands[i], shapes[i], sizes);
        return [.. _result.SelectMany(letter => sizes[letter])];
    }

    /// <summary>Where each operand needs axes of size 1 so that all ellipses stand for as many, as ONNX wants it.</summary>
    /// <param name="ranks">The operands' ranks, which fit the equation.</param>
    public IEnumerable<long[]> MissingAxes(IReadOnlyList<int> ranks)
    {
        int[] unnamed = [.. _operands.Select((operand, i) => operand.Contains(Ellipsis) ? ranks[i] - operand.Length + 1 : 0)];
        return _operands.Select((operand, i) => operand.Contains(Ellipsis)
            ? Enumerable.Range(operand.IndexOf(Ellipsis, StringComparison.Ordinal), unnamed.Max() - unnamed[i]).Select(static axis => (long)axis).ToArray()
            : []);
    }

    private void Measure(string operand, IReadOnlyList<long> shape, Dictionary<char, long[]> sizes)
    {
        int unnamed = operand.Contains(Ellipsis) ? shape.Count - operand.Length + 1 : 0;
        if (unnamed < 0 || operand.Count(static c => c != Ellipsis) + unnamed != shape.Count)
            throw new LayerException($"shape {Shapes.Describe(shape)} does not fit '{operand.Replace(Ellipsis.ToString(), "...", StringComparison.Ordinal)}' of equation '{this}'");
        int axis = 0;
        foreach (char letter in operand)
        {
            int count = letter == Ellipsis ? unnamed : 1;
            sizes[letter] = Shapes.Broadcast(sizes.GetValueOrDefault(letter, []), [.. shape.Skip(axis).Take(count)]);
            axis += count;
        }
    }

    private static string Implicit(string operands)
    {
        char[] letters = [.. operands.Where(char.IsAsciiLetter).GroupBy(static c => c).Where(static group => group.Count() == 1).Select(static group => group.Key).Order()];
        return (operands.Contains(Ellipsis) ? Ellipsis.ToString() : "") + new string(letters);
    }

    private static LayerException Wrong(string text) => new($"equation '{text}' is not one of letters, commas, an arrow and ellipses");
}
