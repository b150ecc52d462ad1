using EdgeInference.Publishing.Connections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>
/// Keeps the connection to the nucleus, unless the nucleus no longer knows the token: then only a new process helps, and it ends this one.
/// </summary>
internal sealed partial class GreengrassConnection : KeptConnection<IpcSession, IpcTrouble>
{
    private readonly NucleusEnvironment _environment;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger<GreengrassConnection> _logger;
    private readonly RefusalWatch _refusals;

    public GreengrassConnection(NucleusEnvironment environment, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<GreengrassConnection> logger)
        : base(time)
    {
        _environment = environment;
        _lifetime = lifetime;
        _time = time;
        _logger = logger;
        _refusals = new RefusalWatch(time);
        Limits = NucleusLimits.Of(environment.Kind);
        Pacer = new PublishPacer(PublishesPerSecond, time);
        SpacingPacer = new PublishPacer(Limits.Spacing > TimeSpan.Zero ? 1 : 0, time, Limits.Spacing);
    }

    /// <summary>IoT Core takes no more of one device.</summary>
    public static int PublishesPerSecond => 100;

    public NucleusLimits Limits { get; }

    /// <summary>Where reports go, for people.</summary>
    public string Description => $"AWS IoT Core through the Greengrass {Peer}";

    /// <summary>Holds all publishers together to the rate that IoT Core takes.</summary>
    public PublishPacer Pacer { get; }

    /// <summary>Holds those whose reports nothing confirms to the rate at which the nucleus gets rid of them.</summary>
    public PublishPacer SpacingPacer { get; }

    /// <summary>Whether the process has to end with a failing exit code, so that the nucleus starts it anew.</summary>
    public bool NeedsNewProcess { get; private set; }

    protected override string OtherSide => "nucleus";

    protected override async Task<IpcSession> ConnectAsync(CancellationToken cancellationToken)
    {
        IpcSession session = await IpcSession.ConnectAsync(_environment, _time, cancellationToken);
        _refusals.Accept();
        return session;
    }

    protected override IpcTrouble TroubleOf(Exception exception, bool isTooLate) =>
        isTooLate ? new IpcTrouble(IpcTroubleKind.Away, NoAnswer) : IpcTrouble.Of(exception);

    protected override void OnFailed(IpcTrouble trouble)
    {
        if (_refusals.Fail(trouble.Kind))
            EndProcess(trouble);
        else
            base.OnFailed(trouble);
    }

    protected override TimeSpan? PauseOf(TimeSpan usual)
    {
        if (NeedsNewProcess)
            return null;
        return _refusals.IsSuspicious && usual > RefusalWatch.LongestDelay ? RefusalWatch.LongestDelay : usual;
    }

    private void EndProcess(IpcTrouble trouble)
    {
        LogTokenInvalid(Peer, trouble.Reason);
        NeedsNewProcess = true;
        _lifetime.StopApplication();
    }
}
