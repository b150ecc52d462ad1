using System.Runtime.InteropServices;

namespace EdgeInference.Models.Ssd;

/// <summary>
/// SSD's last layer, as the engines compute it. For each image and class: candidates above the confidence threshold, the
/// best TopK of them, those that overlap a better one dropped; then the best KeepTopK over all classes. Rows come by
/// image, class, and score downwards; a row with image -1 follows the last unless the output is full.
/// </summary>
internal sealed class DetectionDecoder(DetectionOptions options)
{
    public const int RowLength = 7;

    private readonly ScratchPool<DetectionScratch> _scratch = new(static () => new DetectionScratch());

    public DetectionOptions Options { get; } = options;

    /// <param name="sizes">The sizes of the operands.</param>
    /// <param name="operands">The operands.</param>
    /// <param name="rows">[rows, 7]: image, label, score, xmin, ymin, xmax, ymax.</param>
    public void Run(in DetectionSizes sizes, in DetectionOperands operands, Span<float> rows)
    {
        DetectionScratch scratch = _scratch.Rent();
        int row = 0;
        for (int image = 0; image < sizes.Batch; image++)
        {
            DetectionOperands ofImage = operands.OfImage(image, sizes);
            FindCandidates(scratch.Candidates, sizes, ofImage);
            Suppress(scratch, sizes, new BoxDecoder(Options, sizes, ofImage));
            KeepBest(scratch);
            Write(scratch, image, rows, ref row);
        }

        rows[(row * RowLength)..].Clear();
        if (row * RowLength < rows.Length)
            rows[row * RowLength] = -1;
        _scratch.Return(scratch);
    }

    private void FindCandidates(Candidates candidates, in DetectionSizes sizes, in DetectionOperands operands)
    {
        candidates.Clear();
        int priors = CountPriors(operands.Priors, sizes.Priors);
        int classes = sizes.Classes;
        if (!Options.DecreaseLabel && operands.Objectness.IsEmpty)
        {
            candidates.AddAbove(operands.Scores[..(priors * classes)], classes, Options.BackgroundClass, Options.ConfidenceThreshold);
            return;
        }

        for (int prior = 0; prior < priors; prior++)
        {
            bool isObject = operands.Objectness.IsEmpty || !(operands.Objectness[(prior * 2) + 1] < Options.ObjectnessThreshold);
            ReadOnlySpan<float> scores = operands.Scores.Slice(prior * classes, classes);
            if (Options.DecreaseLabel)
                AddBestClass(candidates, scores, prior, isObject);
            else
                AddClasses(candidates, scores, prior, isObject);
        }

        if (Options is { DecreaseLabel: true, TopK: >= 0 })
            candidates.KeepBest(Options.TopK);
    }

    /// <summary>Priors in pixels may end early, with an image number of -1.</summary>
    private int CountPriors(ReadOnlySpan<float> priors, int count)
    {
        for (int i = 0; !Options.Normalized && i < count; i++)
        {
            if (priors[i * Options.PriorSize] == -1)
                return i;
        }

        return count;
    }

    /// <summary>Where there is no object, all scores but the background's count as 0.</summary>
    private void AddClasses(Candidates candidates, ReadOnlySpan<float> scores, int prior, bool isObject)
    {
        for (int label = 0; label < scores.Length; label++)
        {
            float score = isObject ? scores[label] : 0;
            if (score > Options.ConfidenceThreshold && label != Options.BackgroundClass)
                candidates.Add(score, prior, label);
        }
    }

    private void AddBestClass(Candidates candidates, ReadOnlySpan<float> scores, int prior, bool isObject)
    {
        int best = 0;
        float bestScore = -1;
        for (int label = 1; label < scores.Length; label++)
        {
            float score = isObject ? scores[label] : 0;
            if (score > bestScore && label != Options.BackgroundClass)
                (best, bestScore) = (label, score);
        }

        if (best > 0 && bestScore >= Options.ConfidenceThreshold)
            candidates.Add(bestScore, prior, best);
    }

    /// <summary>
    /// Suppression class by class. As soon as there are as many detections as are kept, only what is better than the worst of
    /// them can matter, be it as a detection or by what it suppresses.
    /// </summary>
    private void Suppress(DetectionScratch scratch, in DetectionSizes sizes, BoxDecoder decoder)
    {
        scratch.Kept.Clear();
        scratch.Best.Clear(Options.KeepTopK);
        scratch.SharedBoxes.Begin(Options.ShareLocation ? sizes.Priors : 0);
        Span<ulong> grouped = scratch.Candidates.Group(sizes.Classes, out ReadOnlySpan<int> ends);
        int topK = Options.TopK >= 0 && !Options.DecreaseLabel ? Options.TopK : int.MaxValue;
        int start = 0;
        for (int label = 0; label < ends.Length; label++)
        {
            scratch.ClassBoxes.Clear();
            Span<ulong> admissible = ScoreKey.Below(grouped[start..ends[label]], scratch.Best.Limit);
            foreach (ulong key in ScoreKey.SortBest(admissible, topK))
            {
                if (key >= scratch.Best.Limit)
                    break;
                int prior = ScoreKey.Prior(key);
                Box box = Options.ShareLocation ? scratch.SharedBoxes.Of(prior, decoder) : decoder.Decode(prior, label);
                if (scratch.ClassBoxes.OverlapsAny(box, Options.OverlapThreshold))
                    continue;
                scratch.ClassBoxes.Add(box);
                scratch.Best.Add(key);
                scratch.Kept.Add(new Detection(key, label, box));
            }

            start = ends[label];
        }
    }

    /// <summary>Drops what came to be no longer among the best. Of equal keys, in several classes of one prior, the lower classes stay.</summary>
    private void KeepBest(DetectionScratch scratch)
    {
        if (Options.KeepTopK < 0 || scratch.Kept.Count <= Options.KeepTopK)
            return;

        ulong worst = scratch.Best.Limit;
        int ties = Options.KeepTopK;
        foreach (ref readonly Detection detection in CollectionsMarshal.AsSpan(scratch.Kept))
            ties -= detection.Key < worst ? 1 : 0;
        int kept = 0;
        foreach (ref readonly Detection detection in CollectionsMarshal.AsSpan(scratch.Kept))
        {
            if (detection.Key < worst || (detection.Key == worst && ties-- > 0))
                scratch.Kept[kept++] = detection;
        }

        CollectionsMarshal.SetCount(scratch.Kept, kept);
    }

    private void Write(DetectionScratch scratch, int image, Span<float> rows, ref int row)
    {
        foreach (ref readonly Detection detection in CollectionsMarshal.AsSpan(scratch.Kept))
        {
            if ((row + 1) * RowLength > rows.Length)
                return;
            Box box = Options.ClipAfter ? detection.Box.Clip() : detection.Box;
            Span<float> target = rows.Slice(row++ * RowLength, RowLength);
            target[0] = image;
            target[1] = Options.DecreaseLabel ? detection.Label - 1 : detection.Label;
            target[2] = ScoreKey.Score(detection.Key);
            target[3] = box.XMin;
            target[4] = box.YMin;
            target[5] = box.XMax;
            target[6] = box.YMax;
        }
    }
}
