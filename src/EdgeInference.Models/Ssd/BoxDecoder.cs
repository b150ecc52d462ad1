namespace EdgeInference.Models.Ssd;

/// <summary>A box from its corners.</summary>
internal readonly record struct Box(float XMin, float YMin, float XMax, float YMax)
{
    public Box Clip() => new(Math.Clamp(XMin, 0, 1), Math.Clamp(YMin, 0, 1), Math.Clamp(XMax, 0, 1), Math.Clamp(YMax, 0, 1));
}

/// <summary>Turns a network's offsets into boxes, given the priors of one image.</summary>
internal readonly ref struct BoxDecoder(DetectionOptions options, ReadOnlySpan<float> locations, ReadOnlySpan<float> priors)
{
    private readonly ReadOnlySpan<float> _locations = locations;
    private readonly ReadOnlySpan<float> _priors = priors;

    /// <summary>The box of a prior for a class.</summary>
    public Box Decode(int prior, int label)
    {
        int location = options.ShareLocation ? prior : (prior * options.Classes) + label;
        ReadOnlySpan<float> offsets = _locations.Slice(location * 4, 4);
        Box box = Prior(prior);
        (float vx, float vy, float vw, float vh) = (1, 1, 1, 1);
        if (!options.VarianceEncoded)
        {
            ReadOnlySpan<float> variances = _priors.Slice((options.Priors * options.PriorSize) + (prior * 4), 4);
            (vx, vy, vw, vh) = (variances[0], variances[1], variances[2], variances[3]);
        }

        Box decoded = options.CenterSize
            ? FromCenter(box, offsets[0] * vx, offsets[1] * vy, offsets[2] * vw, offsets[3] * vh)
            : new Box(box.XMin + (offsets[0] * vx), box.YMin + (offsets[1] * vy), box.XMax + (offsets[2] * vw), box.YMax + (offsets[3] * vh));
        return options.ClipBefore ? decoded.Clip() : decoded;
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

    private Box Prior(int index)
    {
        ReadOnlySpan<float> prior = _priors.Slice((index * options.PriorSize) + options.PriorSize - 4, 4);
        return options.Normalized
            ? new Box(prior[0], prior[1], prior[2], prior[3])
            : new Box(prior[0] / options.ImageWidth, prior[1] / options.ImageHeight, prior[2] / options.ImageWidth, prior[3] / options.ImageHeight);
    }
}
