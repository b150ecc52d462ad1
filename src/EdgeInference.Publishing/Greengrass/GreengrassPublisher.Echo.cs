using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

internal sealed partial class GreengrassPublisher
{
    /// <summary>The watch over a topic, begun where there is none; null where reports are sent without.</summary>
    /// <exception cref="IpcException">There has to be one, and the nucleus has not taken the subscription.</exception>
    private async Task<EchoWatch?> FindWatchAsync(IpcSession session, string topic, CancellationToken cancellationToken)
    {
        if (!_trust.Watches)
        {
            await EndWatchAsync();
            return null;
        }

        if (_watch is { IsAlive: true } watch && watch.Session == session && watch.Topic == topic)
            return watch;
        await EndWatchAsync();
        try
        {
            return _watch = await EchoWatch.BeginAsync(session, topic, cancellationToken);
        }
        catch (IpcException exception) when (exception.IsUnauthorized && options.Confirm != true)
        {
            _trust.Pause();
            LogMayNotSubscribe(stream, topic);
        }
        catch (IpcException exception) when (exception.Failure == IpcFailure.NoAnswer && !_trust.IsStrict)
        {
            // So the classic nucleus does without its cloud, and takes reports into its queue.
            _trust.Pause(EchoTrust.AfterSilence);
        }
        catch (IpcException exception) when (exception.Failure == IpcFailure.Error && !_trust.IsStrict)
        {
            // Mostly nucleus lite has no connection to the cloud, and then takes no report either; if it does, that is one that cannot come back.
        }

        return null;
    }

    /// <summary>From here on reports of this stream go without: what came back would cost a nucleus lite its connection to the cloud.</summary>
    private async Task GiveUpEchoAsync(Report report, CancellationToken cancellationToken)
    {
        if (!_trust.Watches)
            return;
        _trust.Pause();
        LogTooLargeToComeBack(stream, GreengrassRefusal.SizeOf(report), connection.Limits.MostEchoBytes);
        if (_watch is null)
            return;
        await EndWatchAsync();

        // Nothing tells when it has unsubscribed.
        await Task.Delay(SettleTime, time, cancellationToken);
    }

    private async Task EndWatchAsync()
    {
        if (Interlocked.Exchange(ref _watch, null) is { } watch)
            await watch.DisposeAsync();
    }

    [LoggerMessage(EventId = 3230, Level = LogLevel.Warning, Message = "{Stream}: Greengrass may not subscribe to '{Topic}', so reports count as delivered two seconds after the nucleus has taken them, and some are lost when its connection to the cloud breaks: the recipe's accessControl must allow aws.greengrass#SubscribeToIoTCore, too, or Confirm be false")]
    private partial void LogMayNotSubscribe(string stream, string topic);

    [LoggerMessage(EventId = 3231, Level = LogLevel.Warning, Message = "{Stream}: Greengrass: reports do not come back from '{Topic}', so they count as delivered two seconds after the nucleus has taken them, and some are lost when its connection to the cloud breaks: the thing's policy must allow iot:Subscribe and iot:Receive on it, or Confirm be false (tried again in ten minutes)")]
    private partial void LogNoEcho(string stream, string topic);

    [LoggerMessage(EventId = 3232, Level = LogLevel.Warning, Message = "{Stream}: Greengrass: a report of {Bytes} bytes is larger than the {Most} that nucleus lite can receive, so from here on reports count as delivered two seconds after the nucleus has taken them, and some are lost when its connection to the cloud breaks (Confirm: true sets such a report aside instead)")]
    private partial void LogTooLargeToComeBack(string stream, long bytes, int most);
}
