using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using EdgeInference.Integration.Tests.Publishing;
using EdgeInference.TestServers;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Greengrass;

/// <summary>Kinesis and S3 with nothing but what a Greengrass core offers a component: a token, and a place to get credentials for it.</summary>
public sealed partial class TokenExchangeTests : IAsyncLifetime
{
    // A slash and a plus sign are in many, and no part of what HTTP calls a scheme.
    private const string ComponentToken = "QmFy/2Zvbys+YmF6";

    private readonly TemporaryFolder _folder = new();
    private readonly TokenExchangeServer _exchange = new(AwsTestServer.AccessKey, AwsTestServer.SecretKey);
    private readonly ConcurrentDictionary<string, bool> _used = new();
    private Cloud _cloud = null!;
    private TcpProxy[] _networks = [];

    public async Task InitializeAsync()
    {
        _cloud = await Cloud.StartAsync();
        await _cloud.CreateAsync("component");
        _networks = [TcpProxy.Run(_cloud.KinesisPort), TcpProxy.Run(_cloud.S3Port)];
        foreach (TcpProxy network in _networks)
            network.WatchToServer = NoteSessionToken;
    }

    public async Task DisposeAsync()
    {
        foreach (TcpProxy network in _networks)
            await network.DisposeAsync();
        await _cloud.DisposeAsync();
        await _exchange.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The token is not known at first; then it is, and credentials have to be renewed every other second.</summary>
    [Fact]
    public async Task Run_CredentialsOfTheTokenExchangeService_AreFetchedAndRenewed()
    {
        // The SDK renews credentials a quarter of an hour before they expire.
        _exchange.Lifetime = TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(2);
        await using RunningService service = await StartAsync();
        var reports = new ReportReader(service);
        foreach (string publisher in (string[])["Kinesis", "S3"])
            await WaitForAsync(service, () => service.Log.Contains($"component: {publisher} cannot deliver: ", StringComparison.Ordinal));
        string[] problems = [.. service.LogLines.Where(static line => line.Contains("cannot deliver", StringComparison.Ordinal))];
        Assert.Equal(2, problems.Length);
        Assert.All(problems, static line => Assert.Matches(" needs credentials, .*AWS_CONTAINER_CREDENTIALS_FULL_URI.*404", line));
        Assert.Empty(_used);

        _exchange.Accept(ComponentToken);
        await WaitForAsync(service, () => _used.Count >= 3 && Recovered("Kinesis") && Recovered("S3"));

        // What has waited has gone before it is stopped, for which there is little time.
        while ((await _cloud.PicturesAsync("component")).Length + 5 < reports.Ids.Length)
            await reports.NextAsync();
        service.Send(RunningService.Terminate);
        Assert.True(await service.WaitForExitAsync() == 0, service.Log);
        await reports.EndAsync();

        string[] records = await _cloud.RecordsAsync("component");
        Assert.True(reports.Ids.SequenceEqual(records), $"{records.Length} of {reports.Ids.Length}\n{service.Log}");
        string[] pictures = await _cloud.PicturesAsync("component");
        Assert.True(reports.Ids.SequenceEqual(pictures), $"{pictures.Length} of {reports.Ids.Length}\n{service.Log}");
        Assert.Subset(_exchange.SessionTokens.ToHashSet(), _used.Keys.ToHashSet());
        foreach (string secret in (string[])[ComponentToken, AwsTestServer.SecretKey, .. _exchange.SessionTokens])
            Assert.DoesNotContain(secret, service.Log, StringComparison.Ordinal);

        bool Recovered(string publisher) => service.Log.Contains($"component: {publisher} delivers again after ", StringComparison.Ordinal);
    }

    private async Task<RunningService> StartAsync()
    {
        Dictionary<string, object> stream = Settings.LiveStream(interval: "500ms", publishers: new
        {
            StandardOutput = new { Enabled = true },
            Log = new { Enabled = false },
            Kinesis = new { Enabled = true, StreamName = "component", ServiceUrl = $"http://127.0.0.1:{_networks[0].Port}" },
            S3 = new { Enabled = true, Bucket = "component", Key = "{id}.jpg", ServiceUrl = $"http://127.0.0.1:{_networks[1].Port}" },
        });
        stream["Name"] = "component";
        string settings = await Settings.WriteAsync(_folder, new { Outbox = new { Directory = _folder.File("outbox") }, Streams = new[] { stream } });
        return RunningService.Start(
            new Dictionary<string, string>
            {
                ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = _exchange.Url,
                ["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = ComponentToken,
                ["AWS_REGION"] = "us-east-1",
                ["HOME"] = _folder.Path,
            },
            "run", "--config", settings);
    }

    private bool NoteSessionToken(ReadOnlyMemory<byte> piece)
    {
        foreach (Match token in SecurityToken().Matches(Encoding.Latin1.GetString(piece.Span)))
            _used[token.Groups["token"].Value] = true;
        return true;
    }

    private static async Task WaitForAsync(RunningService service, Func<bool> isSo)
    {
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!isSo())
        {
            Assert.False(hang.IsCancellationRequested, service.Log);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    [GeneratedRegex(@"^X-Amz-Security-Token: (?<token>\S+)\r$", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecurityToken();
}
