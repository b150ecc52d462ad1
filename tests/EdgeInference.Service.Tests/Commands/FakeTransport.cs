using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using EdgeInference.Commands;

namespace EdgeInference.Service.Tests.Commands;

/// <summary>A transport whose other end is the test.</summary>
internal sealed class FakeTransport : ICommandTransport
{
    private readonly Channel<ReadOnlyMemory<byte>> _commands = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
    private readonly Channel<(string Topic, JsonElement Reply)> _replies = Channel.CreateUnbounded<(string, JsonElement)>();
    private readonly TaskCompletionSource<string> _topic = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => "Fake";

    public long Dropped { get; set; }

    /// <summary>The topic that is received from, once it is.</summary>
    public Task<string> Topic => _topic.Task;

    /// <summary>What happens to an answer before it arrives.</summary>
    public Func<CancellationToken, Task> OnReply { get; set; } = static _ => Task.CompletedTask;

    public void Send(string command) => Assert.True(_commands.Writer.TryWrite(Encoding.UTF8.GetBytes(command)));

    /// <summary>The next answer; waits for it.</summary>
    public async Task<(string Topic, JsonElement Reply)> ReadReplyAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _replies.Reader.ReadAsync(deadline.Token);
    }

    public async Task<string> ReadReplyTextAsync() => (await ReadReplyAsync()).Reply.GetRawText();

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAsync(string topic, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _topic.SetResult(topic);
        await foreach (ReadOnlyMemory<byte> command in _commands.Reader.ReadAllAsync(cancellationToken))
            yield return command;
    }

    public async ValueTask ReplyAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await OnReply(cancellationToken);
        _replies.Writer.TryWrite((topic, JsonDocument.Parse(payload).RootElement));
    }
}
