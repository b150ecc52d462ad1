using EdgeInference.Inference;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>How far an output may be from the recorded one, as the README files beside the cases say.</summary>
internal sealed class CaseTolerance
{
    private const double Float32 = 1e-4;
    private const double WholeNet = 1e-3;
    private const double Float16 = 2e-3;
    private const int TypesOfWholeNet = 7;

    private readonly bool _relativeToLargest;
    private readonly double _tolerance;
    private readonly double _mayDiffer;

    public CaseTolerance(OperationCase operation, IEnumerable<Tensor> inputs)
    {
        bool legacy = operation.IrVersion < 10;
        bool half = inputs.Any(static i => i.ElementType == TensorElementType.Float16);
        _relativeToLargest = legacy || half;
        _tolerance = half ? Float16 : !legacy && operation.Types.Count >= TypesOfWholeNet ? WholeNet : Float32;

        // A value on the edge between two steps may fall on either.
        _mayDiffer = operation.Types.Any(static t => t is "FakeQuantize:opset1" or "FakeQuantize" or "Quantize") ? 0.01 : 0;
    }

    /// <returns>What is wrong; null when the tensors agree.</returns>
    public string? Compare(string name, Tensor expected, Tensor actual)
    {
        if (!expected.Shape.SequenceEqual(actual.Shape))
            return $"{name} is [{string.Join(',', actual.Shape.ToArray())}], not [{string.Join(',', expected.Shape.ToArray())}]";
        if (expected.ElementType != actual.ElementType)
            return $"{name} is of {actual.ElementType}, not {expected.ElementType}";
        bool exact = expected.ElementType is not (TensorElementType.Float32 or TensorElementType.Float16 or TensorElementType.Float64);
        double[] right = TensorValues.Read(expected);
        double[] given = TensorValues.Read(actual);
        double largest = right.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        double tolerance = expected.ElementType == TensorElementType.Float16 ? Float16 : _tolerance;
        int[] wrong = [.. Enumerable.Range(0, right.Length).Where(i => !Near(right[i], given[i], exact ? 0 : Allowed(right[i])))];
        return wrong.Length <= right.Length * _mayDiffer
            ? null
            : $"{name}: {wrong.Length} of {right.Length} values, first [{wrong[0]}] is {given[wrong[0]]}, not {right[wrong[0]]} (largest {largest})";

        double Allowed(double value) =>
            _relativeToLargest || expected.ElementType == TensorElementType.Float16 ? tolerance * largest : tolerance * (1 + Math.Abs(value));
    }

    private static bool Near(double right, double given, double allowed) =>
        right.Equals(given) || Math.Abs(right - given) <= allowed;
}
