using System.Net.Sockets;
using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Tests.Greengrass;

/// <summary>The other end of a session's socket, which a test writes and reads message by message.</summary>
internal sealed class RawNucleus : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly EventStreamReader _reader;

    private RawNucleus(Socket socket, IpcSession session)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new EventStreamReader(_stream);
        Session = session;
    }

    public IpcSession Session { get; }

    /// <summary>Accepts the connection that it makes.</summary>
    public static async Task<RawNucleus> ConnectAsync(string folder, TimeProvider? time = null, int lastStreamId = int.MaxValue)
    {
        string path = Path.Combine(folder, "s");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        NucleusEnvironment environment = NucleusEnvironment.Find(GreengrassRig.Environment(path, "canary-token"), new GreengrassOptions())!;
        Task<IpcSession> connecting = IpcSession.ConnectAsync(environment, time ?? TimeProvider.System, CancellationToken.None, lastStreamId);
        Socket socket = await listener.AcceptAsync();
        byte[] token = new byte[200];
        _ = await socket.ReceiveAsync(token);

        // :message-type 5, :message-flags 1, :stream-id 0
        await socket.SendAsync(EventStreamEncoder.Encode(Of(5, 1, 0)));
        return new RawNucleus(socket, await connecting);
    }

    public static EventStreamMessage Of(int type, int flags, int stream, string payload = "", params EventStreamHeader[] more) => new(
        [EventStreamHeader.Of(":message-type", type), EventStreamHeader.Of(":message-flags", flags), EventStreamHeader.Of(":stream-id", stream), .. more],
        System.Text.Encoding.UTF8.GetBytes(payload));

    public async Task SendAsync(EventStreamMessage message) => await _stream.WriteAsync(EventStreamEncoder.Encode(message));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes);

    public async Task<EventStreamMessage> ReadAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return (await _reader.ReadAsync(deadline.Token))!;
    }

    /// <summary>Reads nothing any more.</summary>
    public void Close() => _socket.Dispose();

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await Session.DisposeAsync();
    }
}
