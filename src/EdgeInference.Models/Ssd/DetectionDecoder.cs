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

    /// <param name="locations">[batch, priors, location classes, 4].</param>
    /// <param name="scores">[batch, priors, classes].</param>
    /// <param name="priors">[1 or batch, boxes then variances].</param>
    /// <param name="rows">[rows, 7]: image, label, score, xmin, ymin, xmax, ymax.</param>
    public void Run(ReadOnlySpan<float> locations, ReadOnlySpan<float> scores, ReadOnlySpan<float> priors, Span<float> rows)
    {
        DetectionScratch scratch = _scratch.Rent();
        int locationsPerImage = Options.Priors * Options.LocationClasses * 4;
        int scoresPerImage = Options.Priors * Options.Classes;
        int priorsPerImage = Options.PriorsPerImage ? priors.Length / Options.Batch : 0;
        int row = 0;
        for (int image = 0; image < Options.Batch; image++)
        {
            ReadOnlySpan<float> imageScores = scores.Slice(image * scoresPerImage, scoresPerImage);
            var decoder = new BoxDecoder(Options, locations.Slice(image * locationsPerImage, locationsPerImage), priors[(image * priorsPerImage)..]);
            FindCandidates(scratch, imageScores);
            GroupByClass(scratch);
            Suppress(scratch, decoder);
            KeepBest(scratch);
            Write(scratch, imageScores, image, rows, ref row);
        }

        rows[(row * RowLength)..].Clear();
        if (row * RowLength < rows.Length)
            rows[row * RowLength] = -1;
        _scratch.Return(scratch);
    }

    private void FindCandidates(DetectionScratch scratch, ReadOnlySpan<float> scores)
    {
        scratch.Clear(Options.Classes);
        for (int prior = 0; prior < Options.Priors; prior++)
        {
            ReadOnlySpan<float> row = scores.Slice(prior * Options.Classes, Options.Classes);
            if (Options.DecreaseLabel)
                AddBestClass(scratch, row, prior);
            else
                AddClasses(scratch, row, prior);
        }

        if (!Options.DecreaseLabel)
            return;
        CollectionsMarshal.AsSpan(scratch.Found).Sort(CollectionsMarshal.AsSpan(scratch.FoundClasses));
        if (Options.TopK >= 0 && scratch.Found.Count > Options.TopK)
        {
            CollectionsMarshal.SetCount(scratch.Found, Options.TopK);
            CollectionsMarshal.SetCount(scratch.FoundClasses, Options.TopK);
        }
    }

    private void AddClasses(DetectionScratch scratch, ReadOnlySpan<float> row, int prior)
    {
        float threshold = Options.ConfidenceThreshold;
        for (int label = 0; label < row.Length; label++)
        {
            if (row[label] > threshold && label != Options.BackgroundClass)
                scratch.Add(ScoreKey.Of(row[label], prior), label);
        }
    }

    private void AddBestClass(DetectionScratch scratch, ReadOnlySpan<float> row, int prior)
    {
        int best = 0;
        float score = -1;
        for (int label = 1; label < row.Length; label++)
        {
            if (row[label] > score)
                (best, score) = (label, row[label]);
        }

        if (best > 0 && score >= Options.ConfidenceThreshold)
            scratch.Add(ScoreKey.Of(score, prior), best);
    }

    /// <summary>Counting sort: afterwards the candidates of a class stand together, in the order in which they were found.</summary>
    private static void GroupByClass(DetectionScratch scratch)
    {
        Span<int> ends = scratch.ClassEnds;
        ends.Clear();
        foreach (int label in scratch.FoundClasses)
            ends[label]++;
        int start = 0;
        foreach (ref int end in ends)
            (end, start) = (start, start + end);

        CollectionsMarshal.SetCount(scratch.Grouped, scratch.Found.Count);
        for (int i = 0; i < scratch.Found.Count; i++)
            scratch.Grouped[ends[scratch.FoundClasses[i]]++] = scratch.Found[i];
    }

    private void Suppress(DetectionScratch scratch, BoxDecoder decoder)
    {
        Span<ulong> grouped = CollectionsMarshal.AsSpan(scratch.Grouped);
        int topK = Options.TopK >= 0 && !Options.DecreaseLabel ? Options.TopK : int.MaxValue;
        int start = 0;
        for (int label = 0; label < Options.Classes; label++)
        {
            int end = scratch.ClassEnds[label];
            scratch.ClassBoxes.Clear();
            foreach (ulong key in ScoreKey.SortBest(grouped[start..end], topK))
            {
                Box box = decoder.Decode(ScoreKey.Prior(key), label);
                if (scratch.ClassBoxes.OverlapsAny(box, Options.OverlapThreshold))
                    continue;
                scratch.ClassBoxes.Add(box);
                scratch.Kept.Add(new Detection(key, label, box));
            }

            start = end;
        }
    }

    private void KeepBest(DetectionScratch scratch)
    {
        if (Options.KeepTopK < 0 || scratch.Kept.Count <= Options.KeepTopK)
            return;

        scratch.Found.Clear();
        foreach (Detection detection in scratch.Kept)
            scratch.Found.Add(detection.Key);
        Span<ulong> best = ScoreKey.SortBest(CollectionsMarshal.AsSpan(scratch.Found), Options.KeepTopK);
        ulong worst = best.IsEmpty ? 0 : best[^1];

        // Detections of one prior with equal scores in several classes may straddle the cut: the lower classes stay.
        int ties = 0;
        foreach (ulong key in best)
            ties += key == worst ? 1 : 0;
        int kept = 0;
        foreach (ref readonly Detection detection in CollectionsMarshal.AsSpan(scratch.Kept))
        {
            if (!best.IsEmpty && (detection.Key < worst || (detection.Key == worst && ties-- > 0)))
                scratch.Kept[kept++] = detection;
        }

        CollectionsMarshal.SetCount(scratch.Kept, kept);
    }

    private void Write(DetectionScratch scratch, ReadOnlySpan<float> scores, int image, Span<float> rows, ref int row)
    {
        foreach (Detection detection in scratch.Kept)
        {
            if ((row + 1) * RowLength > rows.Length)
                return;
            Box box = Options.ClipAfter ? detection.Box.Clip() : detection.Box;
            Span<float> target = rows.Slice(row++ * RowLength, RowLength);
            target[0] = image;
            target[1] = Options.DecreaseLabel ? detection.Label - 1 : detection.Label;
            target[2] = scores[(ScoreKey.Prior(detection.Key) * Options.Classes) + detection.Label];
            target[3] = box.XMin;
            target[4] = box.YMin;
            target[5] = box.XMax;
            target[6] = box.YMax;
        }
    }
}
