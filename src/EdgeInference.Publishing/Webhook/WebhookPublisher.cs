using System.Net;
using System.Security.Authentication;

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

    public bool WantsJpeg => false;

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
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw new PublishException(FailureOf(response.StatusCode), $"{Destination} answered {(int)response.StatusCode} {response.StatusCode}");
        }
        catch (HttpRequestException exception)
        {
            // A certificate that is refused now will be refused again; anything else of the network may pass.
            bool isRefused = exception.InnerException is AuthenticationException;
            throw new PublishException(
                isRefused ? PublishFailure.Final : PublishFailure.Temporary, $"{Destination}: {exception.GetBaseException().Message}", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PublishException(PublishFailure.Temporary, $"{Destination} did not answer within {options.Timeout.TotalSeconds} s", exception);
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static PublishFailure FailureOf(HttpStatusCode status) => (int)status switch
    {
        408 or 425 or 429 or >= 500 => PublishFailure.Temporary,
        413 or 422 => PublishFailure.Permanent,

        // 400 and 415, too: they blame a wrong address or token more often than the report.
        _ => PublishFailure.Final,
    };
}
