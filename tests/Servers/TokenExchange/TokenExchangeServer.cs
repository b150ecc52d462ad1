using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace EdgeInference.TestServers;

/// <summary>
/// The token exchange service of a Greengrass core: gives AWS credentials to whoever shows the token of a component, as the header
/// Authorization and nothing else, at the one path that there is.
/// </summary>
internal sealed class TokenExchangeServer : IAsyncDisposable
{
    private const string Path = "/2016-11-01/credentialprovider/";

    private readonly StubHttpServer _server;
    private readonly string _accessKey;
    private readonly string _secretKey;
    private readonly ConcurrentDictionary<string, bool> _tokens = new();
    private int _issued;

    /// <param name="accessKey">What the services behind it take.</param>
    /// <param name="secretKey">That of the key.</param>
    public TokenExchangeServer(string accessKey, string secretKey)
    {
        _accessKey = accessKey;
        _secretKey = secretKey;
        _server = new StubHttpServer(Answer);
    }

    /// <summary>What the nucleus sets AWS_CONTAINER_CREDENTIALS_FULL_URI to.</summary>
    public string Url => $"http://localhost:{new Uri(_server.Url).Port}{Path}";

    /// <summary>How long credentials are valid.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The session tokens that were given away.</summary>
    public IReadOnlyList<string> SessionTokens => [.. Enumerable.Range(1, _issued).Select(SessionToken)];

    /// <summary>How often it was asked.</summary>
    public int Requests => _server.Requests.Count;

    /// <summary>Takes the token of a component from now on.</summary>
    public void Accept(string token) => _tokens[token] = true;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private StubAnswer Answer(StubRequest request)
    {
        if (request.Line != $"GET {Path} HTTP/1.1")
            return StubAnswer.Json("Only /2016-11-01/credentialprovider/ uri is supported.", 400);
        if (!request.Headers.TryGetValue("Authorization", out string? token) || token.Length != 16)
            return StubAnswer.Json("Authorization header is needed to process the request.", 400);
        if (!_tokens.ContainsKey(token))
            return StubAnswer.Json("No such svcuid present.", 404);
        return StubAnswer.Json(JsonSerializer.Serialize(new
        {
            AccessKeyId = _accessKey,
            SecretAccessKey = _secretKey,
            Expiration = (TimeProvider.System.GetUtcNow() + Lifetime).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            Token = SessionToken(Interlocked.Increment(ref _issued)),
        }));
    }

    private static string SessionToken(int number) => $"session-token-{number:D4}";
}
