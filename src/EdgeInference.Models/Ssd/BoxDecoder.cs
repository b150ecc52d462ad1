namespace EdgeInference.Models.Ssd;

/// <summary>A box from its corners.</summary>
internal readonly record struct Box(float XMin, float YMin, float XMax, float YMax)
{
    public float Area => (XMax - XMin) * (YMax - YMin);

    public Box Clip() => new(Math.Clamp(XMin, 0, 1), Math.Clamp(YMin, 0, 1), Math.Clamp(XMax, 0, 1), Math.Clamp(YMax, 0, 1));
}

/// <summary>Turns a network's offsets into the boxes of one image.</summary>
internal readonly ref struct BoxDecoder(DetectionOptions options, in DetectionSizes sizes, in DetectionOperands operands)
{
    private readonly ReadOnlySpan<float> _locations = operands.Locations;
    private readonly ReadOnlySpan<float> _refinement = operands.Refinement;
    private readonly ReadOnlySpan<float> _priors = operands.Priors;
    private readonly int _variances = sizes.Priors * options.PriorSize;
    private readonly int _locationClasses = options.ShareLocation ? 1 : sizes.Classes;

    /// <summary>The box of a prior for a class.</summary>
    public Box Decode(int prior, int label)
    {
        ReadOnlySpan<float> corners = _priors.Slice((prior * options.PriorSize) + options.PriorSize - 4, 4);
        var box = new Box(corners[0], corners[1], corners[2], corners[3]);
        int location = options.ShareLocation ? prior : (prior * _locationClasses) + label;
        if (!_refinement.IsEmpty)
            box = Move(box, prior, _refinement.Slice(location * 4, 4));
        return Move(box, prior, _locations.Slice(location * 4, 4));
    }

    private Box Move(in Box from, int prior, ReadOnlySpan<float> offsets)
    {
        // Boxes in pixels that are refined are divided both times, as in the engines.
        Box box = options.Normalized
            ? from
            : new Box(from.XMin / options.ImageWidth, from.YMin / options.ImageHeight, from.XMax / options.ImageWidth, from.YMax / options.ImageHeight);
        (float vx, float vy, float vw, float vh) = (1, 1, 1, 1);
        if (!options.VarianceEncoded)
        {
            ReadOnlySpan<float> variances = _priors.Slice(_variances + (prior * 4), 4);
            (vx, vy, vw, vh) = (variances[0], variances[1], variances[2], variances[3]);
        }

        Box moved = options.CenterSize
            ? FromCenter(box, offsets[0] * vx, offsets[1] * vy, offsets[2] * vw, offsets[3] * vh)
            : new Box(box.XMin + (offsets[0] * vx), box.YMin + (offsets[1] * vy), box.XMax + (offsets[2] * vw), box.YMax + (offsets[3] * vh));
        return options.ClipBefore ? moved.Clip() : moved;
    }

    private static Box FromCenter(in Box prior, float x, float y, float width, float height)
    {
        float priorWidth = prior.XMax - prior.XMin;
        float priorHeight = prior.YMax - prior.YMin;
        float centerX = (x * priorWidth) + ((prior.XMin + prior.XMax) / 2);
        float centerY = (y * priorHeight) + ((prior.YMin + prior.YMax) / 2);
        float halfWidth = MathF.Exp(width) * priorWidth / 2;
        float halfHeight = MathF.Exp(height) * priorHeight / 2;
        return new Box(centerX - halfWidth, centerY - halfHeight, centerX + halfWidth, centerY + halfHeight);
    }
}
