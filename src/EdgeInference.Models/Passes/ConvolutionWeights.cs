using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>The constant weights and bias of a convolution, to be changed into those of an equal one.</summary>
internal sealed class ConvolutionWeights
{
    private readonly Node _node;
    private readonly Constant _original;
    private float[]? _weights;
    private float[]? _bias;

    private ConvolutionWeights(Node node, Constant weights, Constant? bias)
    {
        _node = node;
        _original = weights;
        _bias = bias?.ToFloats();
    }

    private int Outputs => (int)_original.Shape[0];

    private int PerOutput => _original.Count / Outputs;

    /// <summary>Null when the node is no convolution whose weights are constant floats.</summary>
    public static ConvolutionWeights? Match(Node? node) =>
        node is { Operation: "Conv" }
        && node.Inputs[1]?.Constant is { ElementType: TensorElementType.Float32, Count: > 0 } weights
        && (node.Inputs[2] is null || node.Inputs[2]!.Constant is not null)
            ? new ConvolutionWeights(node, weights, node.Inputs[2]?.Constant)
            : null;

    /// <summary>Multiplies the outputs.</summary>
    public void ScaleOutputs(float[] factors)
    {
        _weights ??= _original.ToFloats();
        for (int i = 0; i < _weights.Length; i++)
            _weights[i] *= factors[i / PerOutput];
        for (int i = 0; i < _bias?.Length; i++)
            _bias[i] *= factors[i];
    }

    /// <summary>Adds to the outputs.</summary>
    public void ShiftOutputs(float[] terms)
    {
        _bias ??= new float[Outputs];
        for (int i = 0; i < _bias.Length; i++)
            _bias[i] += terms[i];
    }

    /// <summary>Takes over a multiplication of the inputs. Zero padding stays zero, so this is right with pads too.</summary>
    public void ScaleInputs(float[] factors)
    {
        _weights ??= _original.ToFloats();
        for (int i = 0; i < _weights.Length; i++)
            _weights[i] *= factors[InputChannel(i)];
    }

    /// <summary>Takes over an addition to the inputs; right only without pads, which are zero after the addition.</summary>
    public void ShiftInputs(float[] terms)
    {
        var sums = new double[Outputs];
        ReadOnlySpan<float> weights = _weights ?? _original.Values<float>();
        for (int i = 0; i < weights.Length; i++)
            sums[i / PerOutput] += (double)weights[i] * terms[InputChannel(i)];
        ShiftOutputs(Array.ConvertAll(sums, static sum => (float)sum));
    }

    /// <summary>The changed convolution of another input, computing another value.</summary>
    public Node Build(Value input, Value output)
    {
        string name = _node.Output.Name;
        Constant kernel = _weights is null ? _original : Constant.Floats(_weights, _original.Shape);
        var weights = new Value(name, TensorElementType.Float32, kernel.Shape) { Constant = kernel };
        Value? bias = _bias is null ? null : new Value(name, TensorElementType.Float32, [Outputs]) { Constant = Constant.Floats(_bias, Outputs) };
        var node = new Node("Conv", [input, weights, bias], [output], _node.Attributes);
        output.Producer = node;
        return node;
    }

    private int InputChannel(int weight)
    {
        int perGroup = (int)_original.Shape[1];
        int outputsPerGroup = Outputs / (int)_node.Int("group", 1);
        int group = weight / PerOutput / outputsPerGroup;
        return (group * perGroup) + (weight % PerOutput / (PerOutput / perGroup));
    }
}
