using System.Text;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Onnx;

/// <summary>
/// Looks through a serialised model before anything else does, with nothing copied. A parser makes a hundred times as much
/// of an empty message as it takes in the file, and an engine opens the files that tensors name.
/// </summary>
internal sealed class OnnxScan
{
    /// <summary>Graphs inside each other; ONNX Runtime's parser goes to 32.</summary>
    private const int MostNested = 24;

    /// <summary>What a parser makes of a message, without its content, and of any other field.</summary>
    private const int MessageBytes = 192;
    private const int FieldBytes = 16;

    /// <summary>Names are two bytes a character, packed numbers up to eight for one.</summary>
    private const int TextFactor = 2;
    private const int ListFactor = 8;

    private const int LongestName = 128;
    private const ulong External = 1;

    private readonly LoadBudget _budget;
    private int _nested;

    private OnnxScan(LoadBudget budget) => _budget = budget;

    private enum Part
    {
        Plain,
        List,
        Data,
        Model,
        Graph,
        Node,
        Attribute,
        Tensor,
        SparseTensor,
        Function,
        Training,
        ValueInfo,
        Type,
        TensorType,
        Shape,
        Dimension,
    }

    /// <exception cref="LayerException">The model is malformed, keeps weights in other files, or is nested or made of more than any real one.</exception>
    public static void Check(ReadOnlySpan<byte> model)
    {
        LoadBudget budget = LoadBudget.ForFiles(model.Length);
        budget.Charge(model.Length);
        new OnnxScan(budget).Walk(Part.Model, model);
    }

    private void Walk(Part part, ReadOnlySpan<byte> message)
    {
        if (part == Part.Graph && ++_nested > MostNested)
            throw new LayerException($"its graphs are nested more than {MostNested} deep");
        if (part == Part.Tensor)
            CheckTensor(message);
        int graphs = 0;
        var fields = new WireReader(message);
        while (fields.Read())
        {
            Part child = PartOf(part, fields.Field);
            if (child < Part.Model || fields.Kind != WireKind.Bytes)
            {
                ChargeField(child, fields.Content.Length);
                continue;
            }

            if (part == Part.Model && child == Part.Graph && graphs++ > 0)
                throw new LayerException("not an ONNX model: it has several graphs");
            _budget.Charge(MessageBytes);
            Walk(child, fields.Content);
        }

        if (part == Part.Graph)
            _nested--;
    }

    private void ChargeField(Part part, long bytes) => _budget.Charge(FieldBytes + part switch
    {
        Part.Data => 0,
        Part.List => bytes * ListFactor,
        _ => bytes * TextFactor,
    });

    private static void CheckTensor(ReadOnlySpan<byte> tensor)
    {
        string name = "";
        bool isExternal = false;
        int rank = 0;
        var fields = new WireReader(tensor);
        while (fields.Read())
        {
            switch (fields.Field)
            {
                case TensorProto.NameFieldNumber:
                    name = Encoding.UTF8.GetString(fields.Content[..Math.Min(fields.Content.Length, LongestName)]);
                    break;
                case TensorProto.DataLocationFieldNumber:
                    isExternal |= fields.Number == External;
                    break;
                case TensorProto.DimsFieldNumber:
                    rank += fields.Kind == WireKind.Bytes ? Varints(fields.Content) : 1;
                    break;
            }
        }

        if (isExternal)
            throw new LayerException($"tensor '{name}' is kept in another file, which is not supported");
        if (rank > Shapes.HighestRank)
            throw new LayerException($"tensor '{name}' has {rank} dimensions; at most {Shapes.HighestRank} are supported");
    }

    private static int Varints(ReadOnlySpan<byte> packed)
    {
        int count = 0;
        foreach (byte part in packed)
            count += part < 128 ? 1 : 0;
        return count;
    }

    /// <summary>What a field of a message is, by the numbers of the ONNX specification (onnx/onnx.proto).</summary>
    private static Part PartOf(Part message, int field) => (message, field) switch
    {
        (Part.Model, 7) => Part.Graph,
        (Part.Model, 20) => Part.Training,
        (Part.Model, 25) => Part.Function,
        (Part.Graph, 1) => Part.Node,
        (Part.Graph, 5) => Part.Tensor,
        (Part.Graph, 11 or 12 or 13) => Part.ValueInfo,
        (Part.Graph, 15) => Part.SparseTensor,
        (Part.Node, 5) => Part.Attribute,
        (Part.Attribute, 5 or 10) => Part.Tensor,
        (Part.Attribute, 6 or 11) => Part.Graph,
        (Part.Attribute, 22 or 23) => Part.SparseTensor,
        (Part.Attribute, 7 or 8) => Part.List,
        (Part.SparseTensor, 1 or 2) => Part.Tensor,
        (Part.Function, 7) => Part.Node,
        (Part.Function, 11) => Part.Attribute,
        (Part.Training, 1 or 2) => Part.Graph,
        (Part.ValueInfo, 2) => Part.Type,
        (Part.Type, 1) => Part.TensorType,
        (Part.TensorType, 2) => Part.Shape,
        (Part.Shape, 1) => Part.Dimension,
        (Part.Tensor, 4 or 5 or 7 or 9 or 10 or 11) => Part.Data,
        _ => Part.Plain,
    };
}
