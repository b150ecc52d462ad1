namespace EdgeInference.Models.Ssd;

/// <summary>The boxes of one image that all classes share, each decoded when it is first asked for.</summary>
internal sealed class SharedBoxes
{
    private Box[] _boxes = [];

    /// <summary>The image for which each box was decoded, counted over the life of this object.</summary>
    private long[] _decodedFor = [];
    private long _image;

    public void Begin(int priors)
    {
        if (_boxes.Length < priors)
        {
            _boxes = new Box[priors];
            _decodedFor = new long[priors];
        }

        _image++;
    }

    public Box Of(int prior, in BoxDecoder decoder)
    {
        if (_decodedFor[prior] != _image)
        {
            _boxes[prior] = decoder.Decode(prior, 0);
            _decodedFor[prior] = _image;
        }

        return _boxes[prior];
    }
}
