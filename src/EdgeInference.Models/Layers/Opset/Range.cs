using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>start, start + step, … below stop. Opset 1 gives the operands' type, opset 4 names its own.</summary>
[OpsetLayer("Range")]
internal sealed class Range : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        TensorElementType type = layer.Has("output_type") ? IrElementTypes.Parse(layer.Text("output_type")) : layer.Input(0).ElementType;
        bool whole = Enumerable.Range(0, 3).All(i => layer.Input(i).ElementType != TensorElementType.Float32);
        return [graph.Cast(whole ? graph.Range(Single(layer.ConstantInts, 0), Single(layer.ConstantInts, 1), Single(layer.ConstantInts, 2)) : graph.Range(Single(Floats, 0), Single(Floats, 1), Single(Floats, 2)), type)];

        float[] Floats(int index) => layer.KnownInput(index).ToFloats();
    }

    private static T Single<T>(Func<int, T[]> read, int index) =>
        read(index) is [var value] ? value : throw new LayerException($"input {index} is not a single number");
}
