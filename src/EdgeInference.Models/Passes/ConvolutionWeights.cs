using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>
/// A convolution, plain or transposed, with constant weights and the numbers per channel that go into them and the bias.
/// They are gathered first: the weights are walked once, however many operations are folded.
/// </summary>
internal sealed class ConvolutionWeights
{
    /// <summary>Operations folded into one convolution; real models have up to four.</summary>
    private const int Most = 64;

    private readonly Node _node;
    private readonly Constant _weights;
    private readonly byte[] _result;
    private readonly int _groups;
    private readonly double[] _inputFactors;
    private readonly double[] _inputTerms;
    private readonly double[] _outputFactors;
    private double[]? _outputTerms;
    private int _changes;

    private ConvolutionWeights(Node node, Constant weights, Constant? bias, byte[] result)
    {
        _node = node;
        _weights = weights;
        _result = result;
        _groups = (int)node.Int("group", 1);
        _inputFactors = Filled((int)(IsTransposed ? weights.Shape[0] : weights.Shape[1] * _groups), 1);
        _inputTerms = Filled(_inputFactors.Length, 0);
        _outputFactors = Filled(Outputs, 1);
        _outputTerms = bias is null ? null : Array.ConvertAll(bias.ToFloats(), static v => (double)v);
    }

    /// <summary>Whether no more can be folded.</summary>
    public bool IsFull => _changes == Most;

    private bool IsTransposed => _node.Operation is "ConvTranspose";

    private int Outputs => (int)(IsTransposed ? _weights.Shape[1] * _groups : _weights.Shape[0]);

    /// <summary>Null when the node is no convolution whose weights are constant floats, or there is no room for changed ones.</summary>
    public static ConvolutionWeights? Match(Node? node, LoadBudget budget) =>
        node is { Operation: "Conv" or "ConvTranspose" }
        && node.Inputs[1]?.Constant is { ElementType: TensorElementType.Float32, Count: > 0 } weights
        && (node.Inputs[2] is null || node.Inputs[2]!.Constant is not null)
        && node.Int("group", 1) is >= 1 and var groups && groups <= weights.Shape[0]
        && weights.Shape[0] <= PerChannel.MostChannels
        && weights.Shape[1] * groups <= PerChannel.MostChannels
        && budget.TryAllocate(weights.Data.Length) is { } result
            ? new ConvolutionWeights(node, weights, node.Inputs[2]?.Constant, result)
            : null;

    /// <summary>Multiplies the outputs.</summary>
    public void ScaleOutputs(float[] factors)
    {
        _changes++;
        for (int i = 0; i < factors.Length; i++)
            _outputFactors[i] *= factors[i];
        for (int i = 0; i < _outputTerms?.Length; i++)
            _outputTerms[i] *= factors[i];
    }

    /// <summary>Adds to the outputs.</summary>
    public void ShiftOutputs(float[] terms)
    {
        _changes++;
        _outputTerms ??= new double[Outputs];
        for (int i = 0; i < terms.Length; i++)
            _outputTerms[i] += terms[i];
    }

    /// <summary>Takes over a multiplication of the inputs. Zero padding stays zero, so this is right with pads too.</summary>
    public void ScaleInputs(float[] factors)
    {
        _changes++;
        for (int i = 0; i < factors.Length; i++)
            _inputFactors[i] *= factors[i];
    }

    /// <summary>Takes over an addition to the inputs; right only where every output sees all of the kernel: not transposed, no pads.</summary>
    public void ShiftInputs(float[] terms)
    {
        _changes++;
        for (int i = 0; i < terms.Length; i++)
            _inputTerms[i] += _inputFactors[i] * terms[i];
    }

    /// <summary>The changed convolution of another input, computing another value.</summary>
    public Node Build(Value input, Value output)
    {
        string name = _node.Output.Name;
        double[] sums = Write(MemoryMarshal.Cast<byte, float>(_result.AsSpan()));
        if (sums.Any(static sum => sum != 0))
            _outputTerms = [.. sums.Zip(_outputTerms ?? new double[Outputs], static (sum, term) => sum + term)];
        var weights = new Value(name, TensorElementType.Float32, _weights.Shape) { Constant = new Constant(TensorElementType.Float32, _weights.Shape, _result).WithSteps(Steps()) };
        Value? bias = _outputTerms is null ? null : new Value(name, TensorElementType.Float32, [Outputs])
        {
            Constant = Constant.Floats(Array.ConvertAll(_outputTerms, static term => (float)term), Outputs),
        };
        var node = new Node(_node.Operation, [input, weights, bias], [output], _node.Attributes);
        output.Producer = node;
        return node;
    }

    /// <summary>
    /// The steps of the changed weights: those of one output stay equal where its inputs are scaled alike, as they are when
    /// it has only one.
    /// </summary>
    private StepSizes? Steps()
    {
        int inputs = (int)_weights.Shape[1];
        if (IsTransposed || _weights.Steps is not { } steps || (inputs > 1 && _inputFactors.Any(static factor => factor != 1)))
            return null;
        int outputsPerGroup = Outputs / _groups;
        float[] factors = [.. _outputFactors.Select((factor, output) => (float)(factor * _inputFactors[output / outputsPerGroup * inputs]))];
        return steps.Times(Constant.Floats(factors, [Outputs, .. Enumerable.Repeat(1L, _weights.Shape.Length - 1)]), _weights.Shape);
    }

    /// <returns>What the terms of the inputs add to each output.</returns>
    private double[] Write(Span<float> result)
    {
        ReadOnlySpan<float> weights = _weights.Values<float>();
        int first = (int)_weights.Shape[0];
        int second = (int)_weights.Shape[1];
        int perFirst = weights.Length / first;
        int perSecond = perFirst / second;
        var sums = new double[Outputs];
        for (int i = 0; i < weights.Length; i++)
        {
            // Plain weights are [outputs, inputs / group, …], transposed ones [inputs, outputs / group, …].
            int one = i / perFirst;
            int other = (one / (first / _groups) * second) + (i % perFirst / perSecond);
            (int input, int output) = IsTransposed ? (one, other) : (other, one);
            double scaled = weights[i] * _outputFactors[output];
            sums[output] += scaled * _inputTerms[input];
            result[i] = (float)(scaled * _inputFactors[input]);
        }

        return sums;
    }

    private static double[] Filled(int count, double value)
    {
        var values = new double[count];
        Array.Fill(values, value);
        return values;
    }
}
