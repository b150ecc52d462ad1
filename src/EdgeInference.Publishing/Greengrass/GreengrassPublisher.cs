using EdgeInference.Publishing.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>
/// Gives the reports of one stream to the nucleus, one after the other, over the connection that all streams share. The nucleus answers
/// as soon as it has written a report to its own connection, or into its queue: not when the cloud has it. So a report counts as
/// delivered when it has come back from its topic, or, where none can (<see cref="EchoTrust"/>), when the nucleus still was there
/// a while later.
/// </summary>
internal sealed partial class GreengrassPublisher(
    GreengrassConnection connection, GreengrassPublisherOptions options, string stream, TimeProvider time, ILogger<GreengrassPublisher> logger) : IBatchPublisher
{
    /// <summary>A nucleus that dies has not sent the last it took.</summary>
    internal static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(2);

    /// <summary>So often the connection ends with one large report alone on its way, and never else, before that is the report's fault.</summary>
    internal const int MostEndsOfOneReport = 3;

    private readonly ILogger _logger = logger;
    private readonly EchoTrust _trust = new(options.Qos == 0 ? false : options.Confirm, time);
    private (Guid Report, int Ends) _suspect;

    public static PublisherRegistration Registration { get; } = new(
        "Greengrass",
        typeof(GreengrassPublisherOptions),
        static (services, context, options) => new GreengrassPublisher(
            services.GetService<GreengrassConnection>() ?? throw new InvalidOperationException($"the publisher Greengrass is enabled, and this is no Greengrass component: {GreengrassServices.Missing}"),
            (GreengrassPublisherOptions)options,
            context.Stream,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<GreengrassPublisher>>()))
    {
        IsDurable = true,
        IsOnByDefault = static services => services.GetService<GreengrassConnection>() is not null,
    };

    public bool WantsMessages => true;

    public bool IsAway => connection.IsAway;

    public string Destination => connection.Description;

    // What was delivered is written down after each batch: no more than goes out in a second.
    public int MaxReports => GreengrassConnection.PublishesPerSecond;

    public async ValueTask PublishAsync(IReadOnlyList<Report> reports, CancellationToken cancellationToken)
    {
        // Without a limit of time: the connection itself says in the log why there is none.
        IpcSession session = await connection.GetSessionAsync(cancellationToken);
        _isLossCounted = false;

        // Those on their way still need the watch that another one ends.
        await new BatchSender().SendAsync(reports, report => TrySendAsync(session, report, cancellationToken), EndsWatch, cancellationToken);
    }

    public async ValueTask DisposeAsync() => await EndWatchAsync();

    /// <summary>Has the nucleus take a report.</summary>
    /// <returns>Why it has not; or what then tells that the report has arrived.</returns>
    private async Task<(PublishException? Fault, Task<PublishException?>? Confirmation)> TrySendAsync(IpcSession session, Report report, CancellationToken cancellationToken)
    {
        IpcRequest request = IpcRequest.Publish(report.Topic, report.Payload, options.Qos);
        int frame = request.FrameBytes;
        if (GreengrassRefusal.FindFault(report, frame, connection.Limits) is { } fault)
            return (fault, null);
        if (!CanComeBack(report) && options is { Qos: 1, Confirm: true })
            return (GreengrassRefusal.TooLargeToComeBack(report, connection.Limits), null);

        bool isLetIn = false;
        bool isHandedOver = false;
        ExpectedEcho? echo = null;

        // One that only some nuclei take goes alone, so that it is known which one ends a connection.
        int weight = frame <= NucleusLimits.LeastFrameBytes ? frame : int.MaxValue;
        try
        {
            (EchoWatch? watch, IpcException? unwatched) = await FindWatchAsync(session, report, cancellationToken);
            await session.Window.EnterAsync(weight, cancellationToken).WaitAsync(session.Lifetime);
            isLetIn = true;
            await connection.Pacer.WaitAsync(cancellationToken);
            if (watch is null && options.Qos == 1)
                await connection.SpacingPacer.WaitAsync(cancellationToken);
            echo = watch?.Expect(report.Payload);
            isHandedOver = true;
            await session.CallAsync(request, cancellationToken);
            _suspect = default;
            if (unwatched is not null)
                return (Lose(session, report, GreengrassRefusal.NotWatched(report, unwatched)), null);
            Task<PublishException?> confirmation = ConfirmAsync(session, report, echo, weight, cancellationToken);
            (isLetIn, echo) = (false, null);
            return (null, confirmation);
        }
        catch (IpcException exception)
        {
            return (isHandedOver ? await OfFailureAsync(exception, session, report, frame) : OfSubscribing(exception, report), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (GreengrassRefusal.OfEnd(await session.Ended), null);
        }
        finally
        {
            echo?.Dispose();
            if (isLetIn)
                session.Window.Leave(weight);
        }
    }

    private async Task<PublishException> OfFailureAsync(IpcException exception, IpcSession session, Report report, int frame)
    {
        if (exception.Failure == IpcFailure.Error)
            return GreengrassRefusal.Of(exception, report.Topic);
        if (exception.Failure == IpcFailure.NoAnswer)
        {
            // What comes later must not be taken before this one.
            session.End(new IpcTrouble(IpcTroubleKind.Away, $"it has not answered for {IpcSession.AnswerTimeout.TotalSeconds:0} s"));
        }
        else if (frame > NucleusLimits.LeastFrameBytes && await session.Ended == IpcTrouble.Closed)
        {
            _suspect = (report.Id, _suspect.Report == report.Id ? _suspect.Ends + 1 : 1);
            if (_suspect.Ends >= MostEndsOfOneReport)
                return GreengrassRefusal.EndsConnections(frame, _suspect.Ends);
        }

        return new PublishException(PublishFailure.Temporary, exception.Message, exception);
    }
}
