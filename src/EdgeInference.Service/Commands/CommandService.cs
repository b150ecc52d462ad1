using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using EdgeInference.Commands;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Commands;

/// <summary>
/// Takes commands from a topic, carries them out in the order in which they came, and answers each, in that order too. A flood of them
/// costs the streams nothing: what is too much is dropped, and those that are carried out share their reports.
/// </summary>
internal sealed partial class CommandService(
    CommandOptions options, ICommandTransport transport, CommandExecutor executor, Task streamsBegun, TimeProvider time, ILogger<CommandService> logger)
    : BackgroundService
{
    /// <summary>Commands that wait; of more the oldest are dropped, because a newer one is what its sender wants now.</summary>
    public const int MostWaiting = 16;

    /// <summary>Commands that are begun and not answered: one may wait for a stream that stands still, others need not wait for that.</summary>
    public const int MostBegun = 8;

    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(20);

    private readonly ILogger _logger = logger;
    private readonly string _topic = options.Topic!;
    private readonly string _replyTopic = options.ReplyTopicOrDefault;
    private bool _isDropping;
    private long _dropped;

    /// <summary>Commands that were dropped so far.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Channel<ReadOnlyMemory<byte>> waiting = Channel.CreateBounded<ReadOnlyMemory<byte>>(
            new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.DropOldest },
            _ => CountDropped(1));
        Channel<Task<CommandReply>> begun = Channel.CreateBounded<Task<CommandReply>>(
            new BoundedChannelOptions(MostBegun) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });
        Task[] loops = [ReceiveAsync(waiting.Writer, end.Token), BeginAsync(waiting.Reader, begun.Writer, end.Token), AnswerAsync(begun.Reader, end.Token)];
        try
        {
            await await Task.WhenAny(loops);
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReceiveAsync(ChannelWriter<ReadOnlyMemory<byte>> waiting, CancellationToken cancellationToken)
    {
        // Before that there are no streams to command.
        await streamsBegun.WaitAsync(cancellationToken);
        LogWaits(_topic, transport.Name, _replyTopic);
        long droppedBefore = 0;
        await foreach (ReadOnlyMemory<byte> payload in transport.ReceiveAsync(_topic, cancellationToken))
        {
            long dropped = transport.Dropped;
            if (dropped > droppedBefore)
                CountDropped(dropped - droppedBefore);
            droppedBefore = dropped;
            waiting.TryWrite(payload);
        }
    }

    private async Task BeginAsync(ChannelReader<ReadOnlyMemory<byte>> waiting, ChannelWriter<Task<CommandReply>> begun, CancellationToken cancellationToken)
    {
        while (await waiting.WaitToReadAsync(cancellationToken))
        {
            // Room first: whatever is begun is answered.
            await begun.WaitToWriteAsync(cancellationToken);
            if (!waiting.TryRead(out ReadOnlyMemory<byte> payload))
                continue;
            begun.TryWrite(CarryOutAsync(payload, cancellationToken));
            if (waiting.Count == 0 && Interlocked.Exchange(ref _isDropping, false))
                LogDropped(_topic, Dropped);
        }
    }

    private async Task AnswerAsync(ChannelReader<Task<CommandReply>> begun, CancellationToken cancellationToken)
    {
        await foreach (Task<CommandReply> outcome in begun.ReadAllAsync(cancellationToken))
        {
            CommandReply reply = await outcome;
            Log(reply);
            await TryReplyAsync(reply, cancellationToken);
        }
    }

    /// <summary>Nothing that comes from outside may end the process: not where it finds a defect either.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "A defect that one command meets is told, and must not end the streams.")]
    private async Task<CommandReply> CarryOutAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        CommandMessage? message = null;
        try
        {
            message = CommandParser.Parse(payload);
            return await executor.BeginAsync(message, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogDefect(exception);
            return new CommandReply(message?.Id, message?.Name, "the command has failed, and the log says why", []);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever keeps one answer from arriving, the command is carried out, and others come.")]
    private async Task TryReplyAsync(CommandReply reply, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ReplyTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await transport.ReplyAsync(_replyTopic, CommandReplyJson.Write(reply), either.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoReply(_replyTopic, deadline.IsCancellationRequested ? $"it has not arrived within {ReplyTimeout.TotalSeconds:0} s" : exception.Message);
        }
    }

    private void CountDropped(long count)
    {
        Interlocked.Add(ref _dropped, count);
        if (!Interlocked.Exchange(ref _isDropping, true))
            LogDropping(_topic, MostWaiting);
    }
}
