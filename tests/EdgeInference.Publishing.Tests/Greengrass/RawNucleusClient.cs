using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using EdgeInference.TestServers;

namespace EdgeInference.Publishing.Tests.Greengrass;

/// <summary>A socket that says to a nucleus what a test writes, right or wrong, and reads what comes.</summary>
internal sealed class RawNucleusClient : IDisposable
{
    private const string Publishing = "aws.greengrass#PublishToIoTCore";

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));

    public static RawNucleusClient Open(NucleusServer server)
    {
        var client = new RawNucleusClient();
        client._socket.Connect(new UnixDomainSocketEndPoint(server.SocketPath));
        return client;
    }

    /// <summary>One that has been let in.</summary>
    public static async Task<RawNucleusClient> ConnectAsync(NucleusServer server)
    {
        RawNucleusClient client = Open(server);
        await client.SendAsync(Connect(server.Token));
        Assert.Equal(NucleusAnswers.Ack(isAccepted: true).Encode(), await client.ReceiveAsync());
        return client;
    }

    public static byte[] Connect(string token, string version = "0.1.0") => NucleusAnswers.Of(
        NucleusAnswers.Connect, 0, 0, [NucleusHeader.Of(":version", version)], Encoding.UTF8.GetBytes($$"""{"authToken":"{{token}}"}""")).Encode();

    public static byte[] Publish(int stream, string body, string operation = Publishing, int flags = 0) => NucleusAnswers.Of(
        NucleusAnswers.ApplicationMessage,
        flags,
        stream,
        [NucleusHeader.Of("operation", operation), NucleusHeader.Of("service-model-type", operation + "Request")],
        Encoding.UTF8.GetBytes(body)).Encode();

    public static byte[] Publish(int stream, string topic, byte[] payload, int qos = 1) =>
        Publish(stream, $$"""{"topicName":"{{topic}}","qos":"{{qos}}","payload":"{{Convert.ToBase64String(payload)}}"}""");

    public static byte[] Subscribe(int stream, string filter) =>
        Publish(stream, $$"""{"topicName":"{{filter}}","qos":"1"}""", "aws.greengrass#SubscribeToIoTCore");

    public static byte[] End(int stream) => NucleusAnswers.End(stream).Encode();

    public Task SendAsync(byte[] bytes) => _socket.SendAsync(bytes, _deadline.Token).AsTask();

    /// <summary>The bytes of one frame.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        byte[] length = await ReceiveAsync(4);
        return [.. length, .. await ReceiveAsync(BinaryPrimitives.ReadInt32BigEndian(length) - length.Length)];
    }

    public async Task<byte[]> ReceiveAsync(int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int received = await ReceiveSomeAsync(bytes.AsMemory(at));
            Assert.NotEqual(0, received);
            at += received;
        }

        return bytes;
    }

    public async Task<int> ReceiveSomeAsync(Memory<byte> buffer) => await _socket.ReceiveAsync(buffer, _deadline.Token);

    /// <summary>What comes until the nucleus closes.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        var all = new List<byte>();
        byte[] some = new byte[1024];
        try
        {
            while (await ReceiveSomeAsync(some) is > 0 and int count)
                all.AddRange(some.AsSpan(0, count));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // So it ends where the nucleus has not read all that was sent.
        }

        return [.. all];
    }

    /// <summary>Ends what it sends; the nucleus sees that the client has gone.</summary>
    public void Shutdown() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose()
    {
        _socket.Dispose();
        _deadline.Dispose();
    }
}
