using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Webhook;

namespace EdgeInference.Publishing.Tests.Webhook;

public sealed class WebhookPublisherTests
{
    private const string Canary = "c4n4ry";

    private static readonly Report Report = TestReports.WithJpeg([1]);

    [Fact]
    public async Task PublishAsync_Results_ArePostedAsJson()
    {
        await using var server = new WebServer("200 OK");
        await using WebhookPublisher publisher = Create(server);

        await publisher.PublishAsync(Report with { Model = "Teile 1 – ü" }, CancellationToken.None);
        await publisher.PublishAsync(Report with { Payload = "{}"u8.ToArray() }, CancellationToken.None);

        string[] lines = server.Requests[0].Split("\r\n");
        Assert.Equal($"POST /hooks/{Canary}?token={Canary} HTTP/1.1", lines[0]);
        Assert.Contains("Content-Type: application/json", lines);
        Assert.Contains("X-Report-Id: 019c1234-0000-7000-8000-000000000001", lines);
        Assert.Contains("X-Stream: line1", lines);
        Assert.Contains("X-Model: Teile%201%20%E2%80%93%20%C3%BC", lines);
        Assert.Contains($"Authorization: Bearer {Canary}", lines);
        Assert.Equal("{\"frame_id\":1}", lines[^1]);
        Assert.EndsWith("\r\n\r\n{}", server.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, null)]
    [InlineData(202, null)]
    [InlineData(204, null)]
    [InlineData(301, PublishFailure.Final)]
    [InlineData(307, PublishFailure.Final)]
    [InlineData(400, PublishFailure.Final)]
    [InlineData(401, PublishFailure.Final)]
    [InlineData(403, PublishFailure.Final)]
    [InlineData(404, PublishFailure.Final)]
    [InlineData(405, PublishFailure.Final)]
    [InlineData(408, PublishFailure.Temporary)]
    [InlineData(410, PublishFailure.Final)]
    [InlineData(413, PublishFailure.Permanent)]
    [InlineData(415, PublishFailure.Final)]
    [InlineData(418, PublishFailure.Final)]
    [InlineData(422, PublishFailure.Permanent)]
    [InlineData(425, PublishFailure.Temporary)]
    [InlineData(429, PublishFailure.Temporary)]
    [InlineData(500, PublishFailure.Temporary)]
    [InlineData(503, PublishFailure.Temporary)]
    public async Task PublishAsync_Answer_SaysWhoseFaultItIs(int status, PublishFailure? failure)
    {
        await using var server = new WebServer($"{status} {Canary}\r\nLocation: http://localhost/{Canary}");
        await using WebhookPublisher publisher = Create(server);

        if (failure is null)
        {
            await publisher.PublishAsync(Report, CancellationToken.None);
            return;
        }

        PublishException exception = await FailAsync(publisher);
        Assert.Equal(failure, exception.Failure);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{server.Address} answered {status}"), exception.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task PublishAsync_ServerNeverAnswers_IsTemporary()
    {
        await using var server = new WebServer(answer: null);
        await using WebhookPublisher publisher = Create(server, TimeSpan.FromMilliseconds(200));

        PublishException exception = await FailAsync(publisher);

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Equal($"{server.Address}: The request was canceled due to the configured HttpClient.Timeout of 0.2 seconds elapsing.", exception.Message);
    }

    [Fact]
    public async Task PublishAsync_CancelledWhileTheServerIsSilent_IsCancelled()
    {
        await using var server = new WebServer(answer: null);
        await using WebhookPublisher publisher = Create(server, TimeSpan.FromMinutes(10));
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publisher.PublishAsync(Report, cancellation.Token).AsTask());
    }

    [Fact]
    public async Task PublishAsync_NobodyListens_IsTemporary()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Dispose();
        await using var publisher = new WebhookPublisher(Options($"http://localhost:{port}"));

        PublishException exception = await FailAsync(publisher);

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Contains("refused", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_ServerClosesTheConnection_IsTemporary()
    {
        // No answer to speak of: a line that is not HTTP.
        await using var server = new WebServer("\r\n\r\n");
        await using WebhookPublisher publisher = Create(server);

        Assert.Equal(PublishFailure.Temporary, (await FailAsync(publisher)).Failure);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("elsewhere.example")]
    public async Task PublishAsync_CertificateThatNobodySigned_IsRefusedWithTheReason(string name)
    {
        await using var server = new WebServer("200 OK", name);
        await using WebhookPublisher publisher = Create(server);

        PublishException exception = await FailAsync(publisher);

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.StartsWith($"{server.Address}: The remote certificate", exception.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Destination_AddressWithSecrets_ShowsSchemeAndHost()
    {
        await using var publisher = new WebhookPublisher(Options("https://hooks.example:8443"));

        Assert.Equal("https://hooks.example:8443", publisher.Destination);
    }

    [Fact]
    public async Task Registration_Options_MakeADurablePublisher()
    {
        PublisherRegistration registration = WebhookPublisher.Registration;
        await using IPublisher publisher = registration.Create(null!, new PublisherContext("line1", IsParamStream: false, "CPU"), Options("https://hooks.example"));

        Assert.Equal("Webhook", registration.Name);
        Assert.True(registration.IsDurable);
        Assert.False(publisher.WantsJpeg);
    }

    private static WebhookPublisher Create(WebServer server, TimeSpan? timeout = null) => new(Options(server.Address, timeout));

    private static WebhookOptions Options(string address, TimeSpan? timeout = null) => new()
    {
        Enabled = true,
        Url = $"{address}/hooks/{Canary}?token={Canary}",
        Authorization = $"Bearer {Canary}",
        Timeout = timeout ?? TimeSpan.FromSeconds(20),
    };

    /// <summary>The failure as the loop takes it; whatever it is, it holds no secret.</summary>
    private static async Task<PublishException> FailAsync(WebhookPublisher publisher)
    {
        Exception? thrown = await Record.ExceptionAsync(() => publisher.PublishAsync(Report, CancellationToken.None).AsTask());
        Assert.NotNull(thrown);
        PublishException exception = PublishFailures.Of(thrown, publisher.Destination);
        Assert.DoesNotContain(Canary, exception.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
        return exception;
    }
}
