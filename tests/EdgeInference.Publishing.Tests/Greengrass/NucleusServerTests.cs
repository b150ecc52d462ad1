using EdgeInference.TestServers;

namespace EdgeInference.Publishing.Tests.Greengrass;

/// <summary>The test server itself: it takes what a nucleus takes, and rejects what a nucleus rejects.</summary>
public sealed class NucleusServerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nucleus-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Lite_PublishOnALiteralConnection_AnswersLiterally()
    {
        await using NucleusServer server = Run(NucleusSettings.Lite);
        using RawNucleusClient client = RawNucleusClient.Open(server);

        await client.SendAsync(NucleusBytes.Connect);
        Assert.Equal(NucleusBytes.Accepted, await client.ReceiveAsync());
        await client.SendAsync(NucleusBytes.Publish);
        Assert.Equal(NucleusBytes.Published, await client.ReceiveAsync());
        await client.SendAsync(NucleusBytes.End);
        await CloseAsync(client, server);

        NucleusPublish publish = Assert.Single(server.Journal.Delivered);
        Assert.Equal(("a/b", 1, "hi", 1), (publish.Topic, publish.Qos, publish.Text, publish.Stream));
        Assert.Empty(server.Journal.Violations);
    }

    [Fact]
    public async Task Classic_PublishOnALiteralConnection_EndsTheStreamWithItsAnswer()
    {
        await using NucleusServer server = Run(NucleusSettings.Classic);
        using RawNucleusClient client = RawNucleusClient.Open(server);

        await client.SendAsync(NucleusBytes.Connect);
        Assert.Equal(NucleusBytes.Accepted, await client.ReceiveAsync());
        await client.SendAsync(NucleusBytes.Publish);
        Assert.Equal(NucleusBytes.PublishedAndEnded, await client.ReceiveAsync());
        await CloseAsync(client, server);

        Assert.Empty(server.Journal.Violations);
    }

    [Fact]
    public async Task Connect_ByteByByte_IsTaken()
    {
        await using NucleusServer server = Run(NucleusSettings.Lite);
        using RawNucleusClient client = RawNucleusClient.Open(server);
        foreach (byte value in NucleusBytes.Connect)
            await client.SendAsync([value]);
        Assert.Equal(NucleusBytes.Accepted, await client.ReceiveAsync());
    }

    [Fact]
    public async Task Connect_UnknownToken_IsClosedBySilentLiteAndRejectedByClassic()
    {
        await using NucleusServer lite = NucleusServer.Run(_folder.CreateSubdirectory("lite").FullName);
        await using NucleusServer classic = NucleusServer.Run(_folder.CreateSubdirectory("classic").FullName, NucleusSettings.Classic);
        using RawNucleusClient ofLite = RawNucleusClient.Open(lite);
        using RawNucleusClient ofClassic = RawNucleusClient.Open(classic);

        await ofLite.SendAsync(NucleusBytes.Connect);
        await ofClassic.SendAsync(NucleusBytes.Connect);

        Assert.Empty(await ofLite.ReceiveToEndAsync());
        Assert.Equal(NucleusBytes.Rejected, await ofClassic.ReceiveToEndAsync());
        Assert.False(Assert.Single(lite.Journal.Clients).IsAuthenticated);
        Assert.Empty(lite.Journal.Violations);
    }

    [Theory]
    [InlineData("no version 0.1.0", "version")]
    [InlineData("first message that is no connect", "publish")]
    [InlineData("first message that is no connect", "end")]
    public async Task Connect_OtherFirstMessage_IsClosed(string reason, string what)
    {
        await using NucleusServer server = Run(NucleusSettings.Lite);
        using RawNucleusClient client = RawNucleusClient.Open(server);
        await client.SendAsync(what switch
        {
            "version" => RawNucleusClient.Connect(NucleusBytes.Token, "0.2.0"),
            "publish" => NucleusBytes.Publish,
            _ => NucleusBytes.End,
        });
        Assert.Empty(await client.ReceiveToEndAsync());
        Assert.Equal(reason, Assert.Single(server.Journal.Violations).Reason);
    }

    /// <summary>The publish frame with one place of it changed; where the checksums are not what is tried, they are right.</summary>
    [Theory]
    [InlineData("checksum of the prelude", 8, "08", false)]
    [InlineData("checksum of the prelude", 3, "FF", false)]
    [InlineData("checksum of the frame", 250, "B1", false)]
    [InlineData("checksum of the frame", 230, "00", false)]
    [InlineData("frame shorter than 16 bytes", 0, "0000000F00000000", true)]
    [InlineData("headers longer than the frame", 4, "000000EF", true)]
    [InlineData("frame too long", 0, "0000271D", true)]
    [InlineData("frame too long", 0, "7FFFFFFF", true)]
    [InlineData("frame too long", 0, "FFFFFFFF", true)]
    [InlineData("header type 9", 26, "09", true)]
    [InlineData("header cut off", 12, "FF", true)]
    [InlineData("header that is not UTF-8", 14, "FF", true)]
    [InlineData("no number :message-type", 14, "4D", true)]
    [InlineData("no number :message-flags", 32, "4D", true)]
    [InlineData("no number :stream-id", 52, "53", true)]
    [InlineData("no operation", 68, "4F", true)]
    [InlineData("message type that clients do not send", 30, "01", true)]
    [InlineData("flags on a request", 50, "01", true)]
    [InlineData("message on no stream", 66, "00", true)]
    [InlineData("message on no stream", 63, "FF", true)]
    public async Task Frame_Damaged_IsRejected(string reason, int place, string bytes, bool withChecksums)
    {
        await using NucleusServer server = Run(NucleusSettings.Lite);
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        byte[] frame = [.. NucleusBytes.Publish];
        NucleusBytes.Of(bytes).CopyTo(frame, place);
        if (withChecksums)
            Seal(frame);

        await client.SendAsync(frame);

        Assert.Empty(await client.ReceiveToEndAsync());
        Assert.Equal(reason, Assert.Single(server.Journal.Violations).Reason);
        Assert.Equal(reason, Assert.Single(server.Journal.Clients).End);
        Assert.Empty(server.Journal.Publishes);
    }

    [Fact]
    public async Task Frame_DamagedForClassic_IsProtestedAgainst()
    {
        await using NucleusServer server = Run(NucleusSettings.Classic);
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        await client.SendAsync(NucleusBytes.Connect);
        Assert.Equal(NucleusAnswers.Protest("message on no stream").Encode(), await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Frame_AsLongAsLiteTakesAndOneByteLonger_IsTakenAndRejected()
    {
        const int Longest = 10_012;
        await using NucleusServer server = Run(NucleusSettings.Lite);
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        byte[] payload = new byte[7300];
        int topicLength = 10 + Longest - RawNucleusClient.Publish(1, new string('t', 10), payload).Length;

        await client.SendAsync(RawNucleusClient.Publish(1, new string('t', topicLength), payload));
        await client.ReceiveAsync();
        Assert.Equal(7300, Assert.Single(server.Journal.Delivered).Payload.Length);

        await client.SendAsync(RawNucleusClient.Publish(2, new string('t', topicLength + 1), payload));
        await client.ReceiveToEndAsync();
        Assert.Equal("frame too long", Assert.Single(server.Journal.Violations).Reason);
    }

    [Theory]
    [InlineData("""{"topicName":"a","qos":1,"payload":""}""", "no qos")]
    [InlineData("""{"topicName":"a","qos":"2","payload":""}""", "qos that is neither")]
    [InlineData("""{"topicName":"a","payload":""}""", "no qos")]
    [InlineData("""{"qos":"0","payload":""}""", "no topicName")]
    [InlineData("""{"topicName":"a","qos":"0"}""", "no payload")]
    [InlineData("""{"topicName":"a","qos":"0","payload":"aGk"}""", "payload that is not base64")]
    [InlineData("""{"topicName":"a","qos":"0","payload":"aG k="}""", "payload that is not base64")]
    [InlineData("""{"topicName":"a","qos":"0","payload":"aGl="}""", "payload that is not base64")]
    [InlineData("""{"topicName":"a","qos":"0","payload":"aG-_"}""", "payload that is not base64")]
    [InlineData("""{"topicName":"a","qos":"0","payload":"","colour":1}""", "unknown member colour")]
    [InlineData("""{"topicName":"a","topicName":"b","qos":"0","payload":""}""", "body that is not JSON")]
    [InlineData("""{"topicName":"a","qos":"0","payload":""}x""", "body that is not JSON")]
    [InlineData("""["a"]""", "body that is not a JSON object")]
    [InlineData("""{"topicName":"a/#","qos":"0","payload":""}""", "topic with a wildcard")]
    [InlineData("""{"topicName":"","qos":"0","payload":""}""", "empty topic")]
    public async Task Publish_BodyThatIsNotOfTheModel_IsRefused(string body, string reason)
    {
        await using NucleusServer server = Run(NucleusSettings.Lite);
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        await client.SendAsync(RawNucleusClient.Publish(1, body));
        Assert.Equal(NucleusAnswers.Error(NucleusKind.Lite, 1, "ServiceError", "Received invalid parameters.").Encode(), await client.ReceiveAsync());
        Assert.StartsWith(reason, Assert.Single(server.Journal.Violations).Reason, StringComparison.Ordinal);
        Assert.Empty(server.Journal.Publishes);
    }

    [Fact]
    public async Task Streams_UsedAgainSkippedEndedTwiceOrLeftOpen_AreViolations()
    {
        await using NucleusServer server = Run(NucleusSettings.Lite);
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        await client.SendAsync(RawNucleusClient.Publish(1, "a", [1]));
        await client.SendAsync(RawNucleusClient.End(1));
        await client.SendAsync(RawNucleusClient.End(1));
        await client.SendAsync(RawNucleusClient.Publish(1, "a", [1]));
        await client.SendAsync(RawNucleusClient.Publish(3, "a", [1]));
        await client.SendAsync(RawNucleusClient.End(7));
        await CloseAsync(client, server);

        Assert.Equal(
            [
                (1, "second end of a stream"), (1, "stream id used again"), (3, "stream ids not one after the other"),
                (7, "end of a stream that was never begun"), (3, "stream that was answered and not ended"),
            ],
            server.Journal.Violations.Select(static violation => (violation.Stream, violation.Reason)));
    }

    private NucleusServer Run(NucleusSettings settings)
    {
        NucleusServer server = NucleusServer.Run(_folder.FullName, settings);
        server.IssueToken(NucleusBytes.Token);
        return server;
    }

    private static async Task CloseAsync(RawNucleusClient client, NucleusServer server)
    {
        client.Shutdown();
        await client.ReceiveToEndAsync();
        NucleusClient last = server.Journal.Clients[^1];
        await server.Journal.WaitAsync(() => last.End is not null, "the end of the connection");
    }

    private static void Seal(byte[] frame)
    {
        WriteChecksum(frame, 8);
        WriteChecksum(frame, frame.Length - 4);
    }

    private static void WriteChecksum(byte[] frame, int place) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(place), NucleusChecksum.Of(frame.AsSpan(0, place)));
}
