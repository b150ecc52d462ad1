using System.Numerics;
using EdgeInference.Inference;

namespace EdgeInference.Functions.Classification;

/// <summary>
/// The best classes of each output of a classifier. An output is taken flat, one value a class; outputs that are not
/// floating point are left aside.
/// </summary>
public sealed class ClassificationFunction : IInferenceFunction
{
    private readonly int _topResults;
    private readonly RankedOutput[] _ranked;

    /// <exception cref="ModelException">No output can be ranked, or one has a batch of several pictures.</exception>
    /// <exception cref="LabelMapException">The label map is not made for these outputs.</exception>
    public ClassificationFunction(ClassificationOptions options, LabelMap labels, IReadOnlyList<TensorInfo> outputs)
    {
        _topResults = options.TopResults;
        int[] ranked = [.. Enumerable.Range(0, outputs.Count).Where(i => IsFloatingPoint(outputs[i].ElementType))];
        CheckOutputs(outputs, ranked);
        CheckLabels(labels, [.. ranked.Select(i => outputs[i].Name)]);
        _ranked = [.. ranked.Select(i => new RankedOutput(i, outputs[i].Name, labels.For(outputs[i].Name), ClassesOf(outputs[i])))];
    }

    public string Name => "classification";

    public InferenceResult CreateResult() =>
        new ClassificationResult([.. _ranked.Select(static output => new CandidateList(output.Name))]);

    public void Evaluate(IReadOnlyList<Tensor> outputs, InferenceResult result)
    {
        var classification = (ClassificationResult)result;
        for (int i = 0; i < _ranked.Length; i++)
        {
            Tensor tensor = outputs[_ranked[i].Index];
            List<Candidate> candidates = classification.Outputs[i].Candidates;
            candidates.Clear();
            switch (tensor.ElementType)
            {
                case TensorElementType.Float16:
                    AddBest(tensor.Elements<Half>(), candidates);
                    break;
                case TensorElementType.Float64:
                    AddBest(tensor.Elements<double>(), candidates);
                    break;
                default:
                    AddBest(tensor.Elements<float>(), candidates);
                    break;
            }

            for (int rank = 0; rank < candidates.Count; rank++)
                candidates[rank] = candidates[rank] with { Label = _ranked[i].Names[candidates[rank].ClassId] };
        }
    }

    public string? DifferenceFrom(IInferenceFunction other)
    {
        if (other is not ClassificationFunction that)
            return $"it is for {Name}, and the stream is for {other.Name}";

        // Reports name outputs only where there are several.
        if (_ranked.Length != that._ranked.Length || (_ranked.Length > 1 && NamesOf(_ranked) != NamesOf(that._ranked)))
            return $"its outputs are {NamesOf(_ranked)}, and those of the stream {NamesOf(that._ranked)}";
        for (int i = 0; i < _ranked.Length; i++)
        {
            if (_ranked[i].HasMoreNames && !that._ranked[i].HasMoreNames)
                return $"it has {_ranked[i].Classes} classes, and the label map has a name for class {_ranked[i].Names.LargestClass}";
            if (!_ranked[i].AreAllNamed && that._ranked[i].AreAllNamed)
                return $"it has {_ranked[i].Classes} classes, of which the label map names {_ranked[i].Names.Count}";
        }

        return null;
    }

    private static string NamesOf(RankedOutput[] outputs) => string.Join(", ", outputs.Select(static output => output.Name));

    /// <summary>Keeps the best in order while passing over the values once; of equal values the lower index is first, NaN is last.</summary>
    private void AddBest<T>(ReadOnlySpan<T> values, List<Candidate> best)
        where T : unmanaged, INumberBase<T>
    {
        for (int classId = 0; classId < values.Length; classId++)
        {
            float value = float.CreateSaturating(values[classId]);
            int place = best.Count;
            while (place > 0 && IsBetter(value, best[place - 1].Probability))
                place--;
            if (place == _topResults)
                continue;
            if (best.Count == _topResults)
                best.RemoveAt(best.Count - 1);
            best.Insert(place, new Candidate(classId, string.Empty, value));
        }
    }

    private static bool IsBetter(float value, float than) => value > than || (float.IsNaN(than) && !float.IsNaN(value));

    private static bool IsFloatingPoint(TensorElementType type) =>
        type is TensorElementType.Float32 or TensorElementType.Float16 or TensorElementType.Float64;

    private static void CheckOutputs(IReadOnlyList<TensorInfo> outputs, int[] ranked)
    {
        if (ranked.Length == 0)
            throw new ModelException($"Classification needs an output of floating point numbers, one for each class; the model has: {string.Join("; ", outputs)}.");
        foreach (TensorInfo output in ranked.Select(i => outputs[i]))
        {
            bool isBatch = output.Shape.Count > 1 && output.Shape[0] > 1 && output.Shape.Skip(1).Any(static size => size != 1);
            if (isBatch)
                throw new ModelException($"Classification takes one picture at a time; output {output} has a batch of {output.Shape[0]}.");
        }
    }

    private static void CheckLabels(LabelMap labels, string[] outputs)
    {
        string[] unknown = [.. labels.Outputs.Except(outputs, StringComparer.Ordinal)];
        if (unknown.Length > 0)
            throw new LabelMapException($"Label map '{labels.Path}' has names for '{string.Join("', '", unknown)}'; the model's outputs are '{string.Join("', '", outputs)}'.");
        if (outputs.Length > 1 && labels.Path is not null && !labels.Outputs.Any())
            throw new LabelMapException($"Label map '{labels.Path}' must have one object for each of the model's outputs: '{string.Join("', '", outputs)}'.");
    }

    /// <returns>Null where that is known only at run time.</returns>
    private static long? ClassesOf(TensorInfo output) => output.IsStatic ? output.Shape.Aggregate(1L, static (product, size) => product * size) : null;

    private sealed record RankedOutput(int Index, string Name, ClassNames Names, long? Classes)
    {
        public bool AreAllNamed => Names.Count >= Classes;

        public bool HasMoreNames => Names.LargestClass >= Classes;
    }
}
