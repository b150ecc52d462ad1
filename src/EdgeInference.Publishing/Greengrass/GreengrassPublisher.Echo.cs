using EdgeInference.Publishing.Connections;

namespace EdgeInference.Publishing.Greengrass;

internal sealed partial class GreengrassPublisher
{
    private EchoWatch? _watch;
    private bool _isWatchDoubtful;
    private bool _isLossCounted;
    private bool _isDenialSaid;

    private bool CanComeBack(Report report) => GreengrassRefusal.SizeOf(report) <= connection.Limits.MostEchoBytes;

    /// <summary>Whether the watch has to go for a report to be sent.</summary>
    private bool EndsWatch(Report report) =>
        _watch is { } watch && (watch.Topic != report.Topic || !CanComeBack(report) || (watch.IsShared && options.Confirm != true));

    /// <summary>The watch over a report's topic, begun where there is none; none where reports are sent without, or where the nucleus does not subscribe, with why.</summary>
    /// <exception cref="IpcException">There has to be one, and the nucleus has not taken the subscription.</exception>
    private async Task<(EchoWatch? Watch, IpcException? Unwatched)> FindWatchAsync(IpcSession session, Report report, CancellationToken cancellationToken)
    {
        if (_trust.Watches && !CanComeBack(report))
            await GiveUpForLargeAsync(report, cancellationToken);
        else if (_trust.Watches && _watch is { IsShared: true } && options.Confirm != true)
            GiveUpForOthers(report);
        if (!_trust.Watches)
        {
            await EndWatchAsync();
            return default;
        }

        if (_watch is { Ended.IsCompleted: false } watch && watch.Session == session && watch.Topic == report.Topic && !_isWatchDoubtful)
            return (watch, null);
        try
        {
            // The old one ends behind it: so the nucleus need not unsubscribe.
            EchoWatch begun = await EchoWatch.BeginAsync(session, report.Topic, cancellationToken);
            await EndWatchAsync();
            (_watch, _isWatchDoubtful) = (begun, false);
            return (begun, null);
        }
        catch (IpcException exception) when (exception.IsUnauthorized && !_trust.IsStrict)
        {
            _trust.GiveUp(EchoTrust.AfterDenial);
            if (!_isDenialSaid)
                LogMayNotSubscribe(stream, report.Topic);
            _isDenialSaid = true;
            return default;
        }
        catch (IpcException exception) when (exception is { Failure: IpcFailure.Error, IsUnauthorized: false } && !_trust.IsStrict)
        {
            // Without its cloud a nucleus takes no report either. If it does, that is one that cannot come back.
            return (null, exception);
        }
    }

    /// <summary>Why a report was not sent: there has to be a watch, and there is none.</summary>
    private PublishException OfSubscribing(IpcException exception, Report report)
    {
        if (exception.Failure == IpcFailure.Ended)
            return new PublishException(PublishFailure.Temporary, exception.Message, exception);
        return exception.IsUnauthorized && options.Confirm == true ? GreengrassRefusal.Of(exception, report.Topic) : GreengrassRefusal.NotWatched(report, exception);
    }

    /// <summary>Null when the report has arrived.</summary>
    private async Task<PublishException?> ConfirmAsync(IpcSession session, Report report, ExpectedEcho? echo, int weight, CancellationToken cancellationToken)
    {
        if (echo is null)
        {
            session.Window.Leave(weight);
            return options.Qos == 1 && await session.Ended.CompletesAsync(SettleTime, time, cancellationToken) ? GreengrassRefusal.OfEnd(await session.Ended) : null;
        }

        try
        {
            // Whether it is worth a longer wait may show only while this one waits.
            Task<Task> outcome = Task.WhenAny(echo.Seen, session.Ended, echo.WatchEnded);
            TimeSpan first = NucleusLimits.FirstEchoTimeout;
            if (!await outcome.CompletesAsync(first, time, cancellationToken)
                && !(_trust.IsStrict && await outcome.CompletesAsync(connection.Limits.EchoTimeout - first, time, cancellationToken)))
            {
                return Lose(session, report, GreengrassRefusal.NotBack(report));
            }

            if (!echo.Seen.IsCompleted)
                return session.Ended.IsCompleted ? GreengrassRefusal.OfEnd(await session.Ended) : GreengrassRefusal.WatchEnded(report);
            _trust.Prove();
            return null;
        }
        finally
        {
            echo.Dispose();
            session.Window.Leave(weight);
        }
    }

    /// <summary>A report that ought to have come back has not. Once a batch: what is lost with it is lost for the same reason.</summary>
    private PublishException Lose(IpcSession session, Report report, PublishException exception)
    {
        if (Interlocked.Exchange(ref _isLossCounted, true))
            return exception;
        EchoLoss loss = _trust.Lose();
        if (loss == EchoLoss.GiveUp)
            LogNoEcho(stream, report.Topic, EchoTrust.Several);
        if (loss == EchoLoss.Doubt)
        {
            _isWatchDoubtful = true;
            session.Doubt();
        }

        return exception;
    }

    /// <summary>From here on reports of this stream go without: what came back might cost a nucleus lite its connection to the cloud.</summary>
    private async Task GiveUpForLargeAsync(Report report, CancellationToken cancellationToken)
    {
        _trust.GiveUp();
        LogTooLargeToComeBack(stream, GreengrassRefusal.SizeOf(report), connection.Limits.MostEchoBytes);
        if (_watch is null)
            return;
        await EndWatchAsync();

        // Nothing tells when it has unsubscribed.
        await Task.Delay(SettleTime, time, cancellationToken);
    }

    private void GiveUpForOthers(Report report)
    {
        _trust.GiveUp();
        LogShared(stream, report.Topic);
    }

    private async Task EndWatchAsync()
    {
        if (Interlocked.Exchange(ref _watch, null) is { } watch)
            await watch.DisposeAsync();
    }
}
