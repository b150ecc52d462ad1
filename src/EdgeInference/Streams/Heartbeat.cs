namespace EdgeInference.Streams;

/// <summary>
/// Where a part of a stream declares what it is at, for whoever watches over it. Costs nothing per frame: frames are counted
/// anyway, and each is a sign of life, as is each declaration. One writer.
/// </summary>
internal sealed class Heartbeat(StreamActivity first)
{
    private StreamActivity _activity = first;
    private long _declarations;

    public StreamActivity Activity => Volatile.Read(ref _activity);

    public long Declarations => Volatile.Read(ref _declarations);

    public void Declare(StreamActivity activity)
    {
        Volatile.Write(ref _activity, activity);
        Volatile.Write(ref _declarations, _declarations + 1);
    }
}
