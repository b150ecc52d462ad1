using System.Numerics;

namespace EdgeInference.Models.Graphs;

/// <summary>What ONNX's element-wise operations compute, by their names; null for those that are left to the engine.</summary>
internal static class ConstantMath
{
    public static Func<T, T>? Unary<T>(string operation)
        where T : unmanaged, INumber<T> => operation switch
        {
            "Abs" => T.Abs,
            "Neg" => static x => -x,
            "Sign" => static x => x > T.Zero ? T.One : x < T.Zero ? -T.One : x,
            _ when typeof(T) == typeof(float) && Real(operation) is { } real => x => T.CreateChecked(real(float.CreateChecked(x))),
            _ => null,
        };

    public static Func<T, T, T>? Binary<T>(string operation)
        where T : unmanaged, INumber<T> => operation switch
        {
            "Add" => static (x, y) => x + y,
            "Sub" => static (x, y) => x - y,
            "Mul" => static (x, y) => x * y,
            "Div" => static (x, y) => x / y,
            "Mod" => static (x, y) => x % y,
            "Max" => T.Max,
            "Min" => T.Min,
            "Pow" when typeof(T) == typeof(float) => static (x, y) => T.CreateChecked(MathF.Pow(float.CreateChecked(x), float.CreateChecked(y))),
            _ => null,
        };

    public static Func<T, T, bool> Comparison<T>(string operation)
        where T : unmanaged, INumber<T> => operation switch
        {
            "Equal" => static (x, y) => x == y,
            "Greater" => static (x, y) => x > y,
            "GreaterOrEqual" => static (x, y) => x >= y,
            "Less" => static (x, y) => x < y,
            "LessOrEqual" => static (x, y) => x <= y,
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, message: null),
        };

    /// <summary>How a reduction takes in one more element, and what it starts with.</summary>
    public static (T Start, Func<T, T, T> Step)? Reduction<T>(string operation)
        where T : unmanaged, INumber<T> => operation switch
        {
            "ReduceSum" => (T.Zero, static (x, y) => x + y),
            "ReduceProd" => (T.One, static (x, y) => x * y),
            "ReduceMax" => (T.CreateSaturating(double.NegativeInfinity), T.Max),
            "ReduceMin" => (T.CreateSaturating(double.PositiveInfinity), T.Min),
            _ => null,
        };

    private static Func<float, float>? Real(string operation) => operation switch
    {
        "Floor" => MathF.Floor,
        "Ceil" => MathF.Ceiling,
        "Round" => static x => MathF.Round(x, MidpointRounding.ToEven),
        "Sqrt" => MathF.Sqrt,
        "Exp" => MathF.Exp,
        _ => null,
    };
}
