using System.Net;
using System.Threading.Channels;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Outbox;
using EdgeInference.Publishing.Tests.Outbox;
using EdgeInference.Retrying;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Delivery;

/// <summary>The loop with a real outbox, a fake clock, and publishers that do as they are told.</summary>
public sealed class DeliveryLoopTests : IAsyncLifetime
{
    private readonly TestOutbox _test = new();
    private readonly ListLogger<DeliveryLoop> _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _stop.Dispose();
        await _test.DisposeAsync();
    }

    [Fact]
    public async Task RunAsync_Reports_AreDeliveredInOrderInGrowingBatches()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 20);
        var publisher = new ScriptedBatchPublisher();

        DeliveryLoop loop = Run(publisher);
        await UntilAsync(() => loop.IsUpToDate);

        Assert.Equal(Numbers(1, 20), publisher.Delivered);
        Assert.Equal([1, 2, 4, 8, 5], publisher.BatchSizes);
        Assert.Equal(20, loop.Delivered);
    }

    /// <summary>Three hours without a connection on a clock of its own: attempts within the limits, for ever, and then all arrives.</summary>
    [Fact]
    public async Task RunAsync_HoursOfTemporaryFailures_TriesAgainWithinLimitsAndLosesNothing()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 10);
        var time = new WaitingTime();
        bool isDown = true;
        int attempts = 0;
        var publisher = new ScriptedBatchPublisher
        {
            Fail = _ =>
            {
                attempts++;
                return isDown ? new PublishException(PublishFailure.Temporary, "no route to host") : null;
            },
        };
        var loop = new DeliveryLoop(_test.Cursor(Broker), publisher, new RetryBackoff(), time, _log);
        _running.Add(loop.RunAsync(_stop.Token));
        var waits = new List<TimeSpan>();
        while (isDown)
        {
            waits.Add(await time.NextWaitAsync());
            Assert.Equal(waits.Count, attempts);
            isDown = waits.Aggregate(static (sum, wait) => sum + wait) < TimeSpan.FromHours(3);
            time.Advance(waits[^1]);
        }

        await UntilAsync(() => loop.IsUpToDate);

        Assert.Equal(Numbers(1, 10), publisher.Delivered);
        double[] longest = [1, 2, 4, 8, 16];
        for (int i = 0; i < waits.Count; i++)
        {
            double most = i < longest.Length ? longest[i] : 30;
            Assert.InRange(waits[i].TotalSeconds, most / 2, most);
        }
        Assert.Equal(
            [
                (LogLevel.Warning, "line1: Mqtt cannot deliver: no route to host (reports wait in the outbox; said once until it works again)"),
                (LogLevel.Information, $"line1: Mqtt delivers again after 3 h; it failed {waits.Count} times"),
            ],
            _log.Lines);
    }

    /// <summary>A web server that takes every second request.</summary>
    [Fact]
    public async Task RunAsync_FailsAndWorksInTurn_SaysSoOnceAfterSomeTimes()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 30);
        int attempts = 0;
        var publisher = new ScriptedBatchPublisher
        {
            Fail = _ => attempts++ % 2 == 0 ? new PublishException(PublishFailure.Temporary, "busy") : null,
        };

        DeliveryLoop loop = Run(publisher);
        await UntilAsync(() => loop.IsUpToDate);

        Assert.Equal(Numbers(1, 30), publisher.Delivered);
        Assert.Equal(7, _log.Lines.Count);
        Assert.StartsWith("line1: Mqtt is unsteady: it stopped delivering 4 times within ", _log.Lines[6].Item2, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ReportIsAtFault_IsSetAsideAndTheOthersArrive()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 12);
        var publisher = new ScriptedBatchPublisher
        {
            Fail = report => report.Summary == "5" ? new PublishException(PublishFailure.Permanent, "too large") : null,
        };

        DeliveryLoop loop = Run(publisher);
        await UntilAsync(() => loop.IsUpToDate);

        Assert.Equal(Numbers(1, 12).Where(static number => number != "5"), publisher.Delivered);
        Assert.Equal((1, 1), (loop.SetAside, (await _test.StatisticsAsync(Broker)).SetAside));
        (LogLevel level, string text) = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Error, level);
        Assert.Contains("for good: too large", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_SomebodyMustMendSomething_SaysSoAsAnErrorAndKeepsAll()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 3);
        bool mended = false;
        var publisher = new ScriptedBatchPublisher
        {
            Fail = _ => mended ? null : new PublishException(PublishFailure.Final, "not authorised"),
        };

        DeliveryLoop loop = Run(publisher);
        await UntilAsync(() => _log.Lines.Count > 0);
        mended = true;
        await UntilAsync(() => loop.IsUpToDate);

        Assert.Equal(Numbers(1, 3), publisher.Delivered);
        Assert.Equal([LogLevel.Error, LogLevel.Information], _log.Lines.Select(static line => line.Level));
    }

    [Fact]
    public async Task RunAsync_BatchFailsInTheMiddle_GoesOnFromTheFirstThatFailedOneByOne()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 15);
        int failures = 0;
        var publisher = new ScriptedBatchPublisher
        {
            Fail = report => report.Summary == "10" && failures++ < 2 ? new PublishException(PublishFailure.Temporary, "throttled") : null,
        };

        DeliveryLoop loop = Run(publisher);
        await UntilAsync(() => loop.IsUpToDate);

        Assert.Equal(Numbers(1, 15), publisher.Delivered);
        Assert.Equal([1, 2, 4, 8, 1, 1, 2, 3], publisher.BatchSizes);
    }

    [Fact]
    public async Task RunAsync_OutboxCannotBeRead_TriesAgainUntilItCan()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 2);
        using var connection = new SqliteConnection($"Data Source={_test.File};Pooling=False");
        connection.Open();
        connection.Execute("ALTER TABLE reports RENAME TO elsewhere");

        var publisher = new ScriptedPublisher();
        DeliveryLoop loop = Run(publisher);
        await UntilAsync(() => _log.Lines.Count > 0);
        connection.Execute("ALTER TABLE elsewhere RENAME TO reports");
        await UntilAsync(() => loop.IsUpToDate);

        Assert.Equal(Numbers(1, 2), publisher.Delivered);
    }

    [Fact]
    public async Task RunAsync_UnknownException_CountsAsTemporary()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 2);
        int failures = 0;
        var publisher = new ScriptedPublisher { Fail = _ => failures++ < 3 ? new InvalidOperationException("odd") : null };

        DeliveryLoop loop = Run(publisher);
        await UntilAsync(() => loop.IsUpToDate);

        Assert.Equal(Numbers(1, 2), publisher.Delivered);
    }

    /// <summary>As a publisher lets them out that only says EnsureSuccessStatusCode().</summary>
    [Fact]
    public async Task RunAsync_HttpAnswers_AreWaitedOutOrSetAside()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 3);
        var answers = new Queue<HttpStatusCode>([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.RequestEntityTooLarge]);
        var publisher = new ScriptedPublisher
        {
            Fail = _ => answers.TryDequeue(out HttpStatusCode status) && status != HttpStatusCode.OK ? new HttpRequestException("no", null, status) : null,
        };

        DeliveryLoop loop = Run(publisher);
        await UntilAsync(() => loop.IsUpToDate);

        Assert.Equal(["1", "3"], publisher.Delivered);
        Assert.Contains("a list answered 503 ServiceUnavailable", _log.Lines[0].Item2, StringComparison.Ordinal);
        Assert.Contains("for good: a list answered 413 RequestEntityTooLarge", _log.Lines[1].Item2, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_OnePublisherNeverReturns_TheOtherIsNotHeldBack()
    {
        await _test.OpenAsync(Broker, Files);
        await _test.AppendAsync(1, 50);
        var stuck = new ScriptedPublisher { Stuck = true };
        var other = new ScriptedPublisher();

        Run(stuck);
        DeliveryLoop loop = Run(other, Files);
        await UntilAsync(() => loop.IsUpToDate);

        Assert.Equal(Numbers(1, 50), other.Delivered);
        Assert.Equal(50, (await _test.StatisticsAsync(Broker)).Waiting);
    }

    /// <summary>A broker that is away since the start: no attempt ends, and so none fails.</summary>
    [Fact]
    public async Task RunAsync_PublisherWaitsForItsConnection_CountsAsFailing()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 2);
        var publisher = new ScriptedPublisher { Stuck = true, IsAway = true };
        DeliveryLoop loop = Run(publisher);

        Assert.True(loop.IsFailing);
        publisher.IsAway = false;
        Assert.False(loop.IsFailing);
    }

    [Fact]
    public async Task RunAsync_RequeuedReport_IsDeliveredWhileNothingElseComes()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 3);
        bool refuse = true;
        var publisher = new ScriptedBatchPublisher
        {
            Fail = report => refuse && report.Summary == "2" ? new PublishException(PublishFailure.Permanent, "no") : null,
        };
        DeliveryLoop loop = Run(publisher);
        await UntilAsync(() => loop.IsUpToDate);
        using OutboxInspection inspection = OutboxInspection.Open(_test.Folder);

        inspection.Requeue(default);
        await UntilAsync(() => loop.SetAside == 2);
        refuse = false;
        inspection.Requeue(default);
        await UntilAsync(() => loop.Delivered == 3);

        Assert.Equal(["1", "3", "2"], publisher.Delivered);
        await UntilAsync(() => inspection.ReadSetAside(default, 1).Count == 0);
    }

    [Fact]
    public async Task RunAsync_StoppedWhileItWaits_LeavesTheReportsForTheNextStart()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 4);
        var publisher = new ScriptedBatchPublisher { Fail = static report => report.Summary == "3" ? new PublishException(PublishFailure.Temporary, "away") : null };
        Run(publisher);
        await UntilAsync(() => _log.Lines.Count > 0);

        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await _test.OpenAsync(Broker);

        Assert.Equal(["3", "4"], await _test.ReadAsync(Broker));
    }

    private DeliveryLoop Run(IPublisher publisher, CursorKey? key = null)
    {
        var loop = new DeliveryLoop(_test.Cursor(key ?? Broker), publisher, new RetryBackoff(), _test.Time, _log);
        _running.Add(loop.RunAsync(_stop.Token));
        return loop;
    }

    /// <summary>Lets the fake clock run until something is so.</summary>
    private async Task UntilAsync(Func<bool> condition)
    {
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            hang.Token.ThrowIfCancellationRequested();
            _test.Time.Advance(TimeSpan.FromMilliseconds(100));

            // Lets what the clock has woken get to its next wait.
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, hang.Token);
        }
    }

    private static IEnumerable<string> Numbers(int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(static number => number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>A fake clock that tells what is waited for.</summary>
    private sealed class WaitingTime : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            _waits.Writer.TryWrite(dueTime);
            return timer;
        }

        public async Task<TimeSpan> NextWaitAsync()
        {
            using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            return await _waits.Reader.ReadAsync(hang.Token);
        }
    }

    private class ScriptedPublisher : IPublisher
    {
        public Func<Report, Exception?> Fail { get; init; } = static _ => null;

        public bool Stuck { get; init; }

        public bool IsAway { get; set; }

        public List<string> Delivered { get; } = [];

        public bool WantsJpeg => false;

        public string Destination => "a list";

        public async ValueTask PublishAsync(Report report, CancellationToken cancellationToken)
        {
            if (Stuck)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            if (Fail(report) is { } failure)
                throw failure;
            Delivered.Add(report.Summary);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ScriptedBatchPublisher : ScriptedPublisher, IBatchPublisher
    {
        public List<int> BatchSizes { get; } = [];

        public int MaxReports => 8;

        public async ValueTask PublishAsync(IReadOnlyList<Report> reports, CancellationToken cancellationToken)
        {
            BatchSizes.Add(reports.Count);
            for (int i = 0; i < reports.Count; i++)
            {
                try
                {
                    await PublishAsync(reports[i], cancellationToken);
                }
                catch (PublishException exception)
                {
                    throw new PublishException(exception.Failure, exception.Message) { Delivered = i };
                }
            }
        }
    }
}
