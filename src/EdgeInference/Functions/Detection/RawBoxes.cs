using System.Buffers;
using EdgeInference.Inference;

namespace EdgeInference.Functions.Detection;

/// <summary>
/// All boxes [1,N,4] (xmin, ymin, xmax, ymax) and the scores of their classes [1,N,C] after softmax, class 0 being the
/// background. A box counts for its best class; non-maximum suppression within each class; best score first.
/// </summary>
internal sealed class RawBoxes(int boxesIndex, int scoresIndex, float nmsThreshold, BoxScale scale) : IDetectionForm
{
    /// <summary>Boxes that enter non-maximum suppression, the best ones: bounds its time whatever the threshold.</summary>
    private const int MaxCandidates = 1000;

    public static RawBoxes? Find(IReadOnlyList<TensorInfo> outputs, DetectionOptions options, int inputWidth, int inputHeight)
    {
        if (outputs.Count != 2)
            return null;
        // With four classes both have the same shape, and the names decide.
        int boxes = DetectionForms.HoldsBoxes(outputs[0])
            && (!DetectionForms.HoldsBoxes(outputs[1]) || DetectionForms.NameHas(outputs[0], "box") || DetectionForms.NameHas(outputs[1], "score")) ? 0 : 1;
        TensorInfo box = outputs[boxes], score = outputs[1 - boxes];
        bool fits = DetectionForms.HoldsBoxes(box) && box.Shape.Count == 3
            && DetectionForms.IsFloat(score) && score.Shape.Count == 3 && DetectionForms.IsOnePicture(score.Shape, rank: 3)
            && DetectionForms.SameSize(box.Shape[1], score.Shape[1]) && score.Shape[2] is >= 2 or < 0;
        return fits ? new RawBoxes(boxes, 1 - boxes, options.NmsThreshold, new BoxScale(inputWidth, inputHeight)) : null;
    }

    public void Read(IReadOnlyList<Tensor> outputs, ObjectCollector collector, List<DetectedObject> objects)
    {
        ReadOnlySpan<float> boxes = outputs[boxesIndex].Elements<float>(), scores = outputs[scoresIndex].Elements<float>();
        int count = boxes.Length / 4, classes = (int)outputs[scoresIndex].Shape[^1];
        if (classes < 2 || scores.Length != count * classes)
            throw new InferenceException($"The model gave {boxes.Length} box coordinates and {scores.Length} scores of {classes} classes: they do not belong together.");

        Candidate[] rented = ArrayPool<Candidate>.Shared.Rent(count);
        try
        {
            Span<Candidate> candidates = rented.AsSpan(0, Collect(boxes, scores, classes, collector.Threshold, rented));
            candidates.Sort(static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Index.CompareTo(b.Index));
            foreach (ref readonly Candidate kept in Suppress(candidates[..Math.Min(candidates.Length, MaxCandidates)]))
                collector.Add(objects, kept.ClassId, kept.Score, kept.Box);
        }
        finally
        {
            ArrayPool<Candidate>.Shared.Return(rented);
        }
    }

    /// <summary>Each box whose best class is above the threshold, normalised; their number.</summary>
    private int Collect(ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores, int classes, float threshold, Span<Candidate> candidates)
    {
        int found = 0;
        float largest = float.NegativeInfinity;
        for (int i = 0; i * classes < scores.Length; i++)
        {
            ReadOnlySpan<float> ofBox = scores.Slice(i * classes, classes);
            int best = 1;
            for (int classId = 2; classId < classes; classId++)
            {
                if (ofBox[classId] > ofBox[best])
                    best = classId;
            }

            if (!(ofBox[best] > threshold))
                continue;
            var box = new Box(boxes[4 * i], boxes[(4 * i) + 1], boxes[(4 * i) + 2], boxes[(4 * i) + 3]);
            largest = MathF.Max(largest, MathF.Max(box.XMax, box.YMax));
            candidates[found++] = new Candidate(i, best, ofBox[best], box);
        }

        if (found > 0)
            scale.Decide(largest);
        foreach (ref Candidate candidate in candidates[..found])
            candidate = candidate with { Box = scale.Normalise(candidate.Box) };
        return found;
    }

    /// <summary>Moves the boxes that stay to the front, in order, and returns them.</summary>
    private Span<Candidate> Suppress(Span<Candidate> sorted)
    {
        int kept = 0;
        foreach (ref readonly Candidate candidate in sorted)
        {
            if (!IsSuppressed(candidate, sorted[..kept]))
                sorted[kept++] = candidate;
        }

        return sorted[..kept];
    }

    private bool IsSuppressed(in Candidate candidate, ReadOnlySpan<Candidate> stronger)
    {
        foreach (ref readonly Candidate other in stronger)
        {
            if (other.ClassId == candidate.ClassId && other.Box.IntersectionOverUnion(candidate.Box) > nmsThreshold)
                return true;
        }

        return false;
    }

    private readonly record struct Candidate(int Index, int ClassId, float Score, Box Box);
}
