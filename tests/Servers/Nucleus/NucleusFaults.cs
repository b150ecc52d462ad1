namespace EdgeInference.TestServers;

/// <summary>When something can go wrong.</summary>
internal enum NucleusMoment
{
    /// <summary>A client has connected its socket.</summary>
    Accepted,

    /// <summary>A client has shown a valid token, and has no answer.</summary>
    Connected,

    /// <summary>A request to publish has come, and nothing was done yet.</summary>
    Publish,

    /// <summary>A message was taken; its answer was not sent.</summary>
    PublishAnswer,

    /// <summary>A request to subscribe has come, and nothing was done yet.</summary>
    Subscribe,

    /// <summary>A subscription was made; its answer was not sent.</summary>
    SubscribeAnswer,
}

/// <summary>What goes wrong.</summary>
internal abstract record NucleusFault
{
    /// <summary>The connection is closed.</summary>
    internal sealed record Closing : NucleusFault;

    /// <summary>The answer never comes.</summary>
    internal sealed record Silence : NucleusFault;

    /// <summary>Only the first bytes of the answer come, and the connection is closed.</summary>
    internal sealed record CutAnswer(int Bytes) : NucleusFault;

    /// <summary>These bytes come in place of the answer.</summary>
    internal sealed record OtherBytes(byte[] Bytes) : NucleusFault;

    /// <summary>The request is answered with an error of the service's model, such as ServiceError.</summary>
    internal sealed record ServiceAnswer(string Code, string Message) : NucleusFault;

    public static NucleusFault Close { get; } = new Closing();

    public static NucleusFault NoAnswer { get; } = new Silence();

    public static NucleusFault Cut(int bytes) => new CutAnswer(bytes);

    public static NucleusFault Instead(byte[] bytes) => new OtherBytes(bytes);

    public static NucleusFault Error(string code, string message) => new ServiceAnswer(code, message);
}

/// <summary>Decides what goes wrong when.</summary>
internal sealed class NucleusFaults
{
    private readonly Lock _lock = new();
    private readonly Dictionary<NucleusMoment, Func<int, NucleusFault?>> _rules = [];
    private readonly Dictionary<NucleusMoment, int> _counts = [];

    /// <summary>Sets the rule of a moment, which is asked each time it comes: the first time from now with 1.</summary>
    public void At(NucleusMoment moment, Func<int, NucleusFault?> rule)
    {
        lock (_lock)
        {
            _rules[moment] = rule;
            _counts[moment] = 0;
        }
    }

    /// <summary>The next time that this moment comes, and only then.</summary>
    public void Once(NucleusMoment moment, NucleusFault fault) => At(moment, count => count == 1 ? fault : null);

    public NucleusFault? Of(NucleusMoment moment)
    {
        lock (_lock)
            return _rules.TryGetValue(moment, out Func<int, NucleusFault?>? rule) ? rule(++_counts[moment]) : null;
    }
}
