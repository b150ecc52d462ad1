namespace EdgeInference.Publishing.Webhook;

/// <summary>One POST a result.</summary>
internal sealed class WebhookPublisher(WebhookOptions options) : IPublisher
{
    private readonly Uri _url = new(options.Url!);

    // Over years, a server may move: a connection ends after some minutes, so that its name is looked up again.
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = options.Timeout,
    };

    public static PublisherRegistration Registration { get; } = new(
        "Webhook", typeof(WebhookOptions), static (_, _, options) => new WebhookPublisher((WebhookOptions)options))
    {
        IsDurable = true,
    };

    // Path and query may hold a token.
    public string Destination => $"{_url.Scheme}://{_url.Authority}";

    public async ValueTask PublishAsync(Report report, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ReadOnlyMemoryContent(report.Payload) };
        request.Content.Headers.Add("Content-Type", "application/json");
        request.Headers.Add("X-Report-Id", report.Id.ToString());
        request.Headers.Add("X-Stream", Uri.EscapeDataString(report.Stream));
        request.Headers.Add("X-Model", Uri.EscapeDataString(report.Model));
        if (options.Authorization is { } authorization)
            request.Headers.Add("Authorization", authorization);
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
