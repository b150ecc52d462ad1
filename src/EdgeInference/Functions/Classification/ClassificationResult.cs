using System.Globalization;

namespace EdgeInference.Functions.Classification;

/// <summary>A class and its probability.</summary>
/// <param name="ClassId">Index into the model's output.</param>
/// <param name="Label">Name from the label map, made unique, or the index.</param>
/// <param name="Probability">The model's output for the class, usually 0..1.</param>
public readonly record struct Candidate(int ClassId, string Label, float Probability);

/// <summary>The best classes of one output of a classifier, best first.</summary>
/// <param name="Output">Name of the model's output.</param>
public sealed record CandidateList(string Output)
{
    public List<Candidate> Candidates { get; } = [];
}

/// <summary>The best classes of each output of a classifier.</summary>
public sealed class ClassificationResult(IReadOnlyList<CandidateList> outputs) : InferenceResult
{
    public IReadOnlyList<CandidateList> Outputs { get; } = outputs;

    public override bool IsEmpty => Outputs.All(static output => output.Candidates.Count == 0);

    // Rounding makes a little more than 1 of some sums.
    public override bool HasProbabilities =>
        Outputs.All(static output => output.Candidates.All(static candidate => candidate.Probability is >= 0 and <= 1.001f));

    /// <summary>The same best class in every output.</summary>
    public override bool SameContentAs(InferenceResult other)
    {
        if (other is not ClassificationResult that || that.Outputs.Count != Outputs.Count)
            return false;
        for (int i = 0; i < Outputs.Count; i++)
        {
            List<Candidate> mine = Outputs[i].Candidates, theirs = that.Outputs[i].Candidates;
            if (mine.Count == 0 || theirs.Count == 0 ? mine.Count != theirs.Count : mine[0].ClassId != theirs[0].ClassId)
                return false;
        }

        return true;
    }

    /// <summary>The three best classes of each output.</summary>
    public override string Describe() => string.Join("; ", Outputs.Select(static output => string.Join(
        ", ", output.Candidates.Take(3).Select(static c => string.Create(CultureInfo.InvariantCulture, $"{c.Label} {c.Probability:0.00}")))));
}
