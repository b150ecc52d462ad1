using System.Net;
using System.Net.Sockets;

namespace EdgeInference.Publishing.Tests.Mqtt;

/// <summary>A server of one connection that answers as a test wants: for what no real broker can be made to say.</summary>
internal sealed class ScriptedBroker : IAsyncDisposable
{
    private const byte ConnAck = 0x20;
    private const byte ReceiveMaximum = 0x21;
    private const byte PubAck = 0x40;
    private const byte Disconnect = 0xE0;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _subscriptionAnswer;
    private readonly Task _running;
    private int _subscriptions;

    private ScriptedBroker(byte connectReason, Func<int, byte[]> answer, byte receiveMaximum = 100, byte[]? subscriptionAnswer = null)
    {
        _subscriptionAnswer = subscriptionAnswer ?? [];
        _listener.Start();
        _running = RunAsync([ConnAck, 6, 0, connectReason, 3, ReceiveMaximum, 0, receiveMaximum], answer);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Subscriptions that it has seen.</summary>
    public int Subscriptions => Volatile.Read(ref _subscriptions);

    /// <summary>Refuses connections with an MQTT 5 reason.</summary>
    public static ScriptedBroker Refusing(byte reason) => new(reason, static _ => []);

    /// <summary>Answers each publication, which it is given the packet identifier of; for one of QoS 0 that is any number.</summary>
    public static ScriptedBroker Answering(Func<int, byte[]> answer, byte receiveMaximum = 100) => new(0, answer, receiveMaximum);

    /// <summary>Confirms publications, and ends the connection when a client subscribes.</summary>
    public static ScriptedBroker EndingAtSubscription(byte reason) =>
        new(0, static identifier => Confirmation(identifier, 0), subscriptionAnswer: Goodbye(reason));

    public static byte[] Confirmation(int identifier, byte reason) => [PubAck, 3, (byte)(identifier >> 8), (byte)identifier, reason];

    public static byte[] Goodbye(byte reason, string text = "") => text.Length == 0
        ? [Disconnect, 1, reason]
        : [Disconnect, (byte)(5 + text.Length), reason, (byte)(3 + text.Length), 0x1F, 0, (byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task RunAsync(byte[] connectAnswer, Func<int, byte[]> answer)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                NetworkStream stream = client.GetStream();
                while (await ReadPacketAsync(stream) is var (type, body))
                {
                    byte[] bytes = (type >> 4) switch
                    {
                        1 => connectAnswer,
                        3 => answer(IdentifierOf(body)),
                        8 => AnswerSubscription(),
                        _ => [],
                    };
                    await stream.WriteAsync(bytes, _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The test is over.
        }
    }

    private byte[] AnswerSubscription()
    {
        Interlocked.Increment(ref _subscriptions);
        return _subscriptionAnswer;
    }

    private static int IdentifierOf(byte[] publish)
    {
        int topic = (publish[0] << 8) | publish[1];
        return (publish[2 + topic] << 8) | publish[3 + topic];
    }

    private async Task<(byte Type, byte[] Body)?> ReadPacketAsync(NetworkStream stream)
    {
        byte[] one = new byte[1];
        if (await stream.ReadAsync(one, _stop.Token) == 0)
            return null;
        byte type = one[0];
        int length = 0;
        for (int shift = 0; ; shift += 7)
        {
            await stream.ReadExactlyAsync(one, _stop.Token);
            length |= (one[0] & 0x7F) << shift;
            if (one[0] < 0x80)
                break;
        }

        byte[] body = new byte[length];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return (type, body);
    }
}
