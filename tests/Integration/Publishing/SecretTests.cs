using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeInference.TestServers;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>
/// Secrets are planted wherever one can be configured, everything fails that can, and then all that the program has
/// written, and all that can be seen of its child processes, is searched for them.
/// </summary>
public sealed class SecretTests : IDisposable
{
    /// <summary>What may be shown: addresses, names and files. An option that is not listed is taken for a secret.</summary>
    private static readonly HashSet<string> Shown =
    [
        "Mqtt:CaFile", "Mqtt:CertificateFile", "Mqtt:KeyFile", "Mqtt:PasswordFile", "Mqtt:ClientId", "Mqtt:Alpn", "Mqtt:Username", "Mqtt:StatusTopic",
        "Outbox:Directory", "Cache:Directory", "Streams:Name", "Streams:LabelMap", "Streams:TopicName", "Streams:Model:Path", "Streams:Model:Device",
        "Streams:Model:CpuExtension", "OpenVino:Library",
        "Streams:Source:Format", "Streams:Source:Size", "Streams:Source:VaapiDevice", "Streams:Publishers:Kinesis:StreamName",
        "Streams:Publishers:Kinesis:PartitionKey", "Streams:Publishers:Kinesis:ExplicitHashKey", "Streams:Publishers:Kinesis:Region",
        "Streams:Publishers:S3:Bucket", "Streams:Publishers:S3:Key", "Streams:Publishers:S3:Region", "Streams:Publishers:LocalJpeg:Directory",
        "Streams:Publishers:LocalJpeg:FileName",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly TestCertificates _certificates = new();
    private readonly List<string> _secrets = [];

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("https://user:{0}@127.0.0.1:1/{0}?token={0}#{0}")]
    [InlineData("ftp://{0}:{0}@127.0.0.1/{0}?x={0}")]
    [InlineData("rtsp:/{0}@\u0007 {0}\n{0}")]
    public async Task Check_EveryTextIsWrong_ShowsNoSecret(string form)
    {
        Dictionary<string, object> settings = StringOptions.Fill(key => string.Format(CultureInfo.InvariantCulture, form, Shown.Contains(key) ? "shown" : Secret()));
        foreach (Dictionary<string, object> publisher in ((Dictionary<string, object>[])settings["Streams"]).SelectMany(static stream => ((Dictionary<string, Dictionary<string, object>>)stream["Publishers"]).Values))
            publisher["Enabled"] = true;

        ServiceRun run = await ServiceProcess.RunAsync("check", "--config", await Settings.WriteAsync(_folder, settings));

        Assert.Equal(78, run.ExitCode);
        AssertHidden(run);
    }

    [Fact]
    public async Task Check_EveryTextIsWrongInTheEnvironment_ShowsNoSecret()
    {
        var environment = new Dictionary<string, string>
        {
            ["PARAM_INPUT_SOURCE"] = $"ftp://user:{Secret()}@camera/{Secret()}",
            ["EdgeInference__Mqtt__Host"] = $"mqtts://user:{Secret()}@broker",
            ["EdgeInference__Mqtt__Password"] = Secret(),
            ["EdgeInference__Mqtt__KeyPassword__0"] = Secret(),
            ["EdgeInference__Mqtt__Pasword"] = Secret(),
            ["EdgeInference__Mqtt"] = Secret(),
            ["EdgeInference__Streams__0__Publishers__Webhook__Enabled"] = "true",
            ["EdgeInference__Streams__0__Publishers__Webhook__Url"] = $"http://far.example/{Secret()}?token={Secret()}",
            ["EdgeInference__Streams__0__Publishers__Webhook__Authorization"] = $"Bearer {Secret()}\u00e9",
            ["EdgeInference__Streams__0__Publishers__Kinesis__ServiceUrl"] = $"https://user:{Secret()}@kinesis",
            ["EdgeInference__Streams__0__Publishers__S3__ServiceUrl"] = $"https://s3?token={Secret()}",
        };

        ServiceRun run = await ServiceProcess.RunAsync(environment, "check");

        Assert.Equal(78, run.ExitCode);
        AssertHidden(run);
    }

    [Fact]
    public async Task Check_EveryCredentialIsWrong_ShowsNoSecret()
    {
        string[] keys =
        [
            "Mqtt__Port", "Mqtt__Host", "Mqtt__Pasword", "Mqtt__KeepAlive", "Mqtt__Tls", "Mqtt__Protocol", "Outbox__LimitMegabytes",
            "Streams__0__Source__Input", "Streams__0__Source__RealTime", "Streams__0__ReportWhen", "Streams__0__Detection__Threshold",
            "Streams__0__Publishers__Webhook__Url", "Streams__0__Publishers__Webhook__Timeout",
        ];
        foreach (string key in keys)
            await File.WriteAllTextAsync(_folder.File($"edge-inference_EdgeInference__{key}"), Secret() + "://\n");

        ServiceRun run = await ServiceProcess.RunAsync(new Dictionary<string, string> { ["CREDENTIALS_DIRECTORY"] = _folder.Path }, "check");

        Assert.Equal(78, run.ExitCode);
        AssertHidden(run);
        foreach (string key in keys.Except(["Streams__0__Source__Input", "Streams__0__Publishers__Webhook__Url"]))
            Assert.Contains($"EdgeInference:{key.Replace("__", ":", StringComparison.Ordinal)}: ", run.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("t{0}")]
    [InlineData("nul{0}")]
    [InlineData("\"{0}\\{0}\"")]
    [InlineData("\"{0}")]
    [InlineData("\"{0}\" \"{0}\"")]
    [InlineData("\"{0}\", \"Password\": \"{0}\"")]
    public async Task Check_FileIsDamagedAtTheSecret_DoesNotShowIt(string form)
    {
        string file = _folder.File("damaged.json");
        await File.WriteAllTextAsync(file, $$"""{ "EdgeInference": { "Mqtt": { "Password": {{string.Format(CultureInfo.InvariantCulture, form, Secret())}} } } }""");

        ServiceRun run = await ServiceProcess.RunAsync("check", "--config", file);

        Assert.Equal(78, run.ExitCode);
        AssertHidden(run);
    }

    /// <summary>Nobody listens anywhere.</summary>
    [Fact]
    public Task Run_EveryServerIsDown_ShowsNoSecret()
    {
        int closed = LoopbackPort.Free();
        return RunAsync(closed, closed, $"http://127.0.0.1:{closed}", passwordInFile: false, "is away", "Webhook cannot deliver", "Kinesis cannot deliver", "S3 cannot deliver", "rtsp: ");
    }

    /// <summary>Every server refuses, and repeats in its answer what it was sent.</summary>
    [Fact]
    public async Task Run_EveryServerRefuses_ShowsNoSecret()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings
        {
            Tls = _certificates.Server(),
            ClientCaFile = _certificates.CaFile,
            User = ("somebody", "else"),
        });
        await using var web = new StubHttpServer(Echo);

        await RunAsync(broker.Port, new Uri(web.Url).Port, web.Url, passwordInFile: true, "refuse", "Webhook cannot deliver", "Kinesis cannot deliver", "S3 cannot deliver", "http: ");
    }

    /// <summary>No certificate can be trusted, and then the files with the secrets are damaged.</summary>
    [Fact]
    public async Task Run_CertificatesAndFilesAreBad_ShowsNoSecret()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Tls = _certificates.ExpiredServer() });

        await RunAsync(broker.Port, broker.Port, $"https://127.0.0.1:{broker.Port}", passwordInFile: true, "has expired", "Webhook cannot deliver", "Kinesis cannot deliver", "S3 cannot deliver", "damaged: KeyFile");
    }

    private static StubAnswer Echo(StubRequest request)
    {
        string heard = JsonEncodedText.Encode(request.Line + " " + string.Join(' ', request.Headers)).ToString();
        return request.Headers.ContainsKey("X-Amz-Target")
            ? StubAnswer.Json($$"""{"__type":"InvalidSignatureException","message":"{{heard}}"}""", 403, "WWW-Authenticate: Basic realm=\"x\"")
            : StubAnswer.Xml($"<Error><Code>SignatureDoesNotMatch</Code><Message>{System.Security.SecurityElement.Escape(heard)}</Message></Error>", 401);
    }

    /// <summary>Runs streams on a file, on http and on rtsp until the log holds all of these, at its most talkative.</summary>
    private async Task RunAsync(int brokerPort, int cameraPort, string url, bool passwordInFile, params string[] until)
    {
        CertificateFiles client = _certificates.Client(Secret());
        string keyPassword = _secrets[^1];
        _secrets.Add((await File.ReadAllLinesAsync(client.Key))[2]);
        await File.WriteAllTextAsync(_folder.File("password"), Secret());
        var values = new Dictionary<string, object?>
        {
            ["Mqtt:Host"] = "127.0.0.1",
            ["Mqtt:CaFile"] = _certificates.CaFile,
            ["Mqtt:CertificateFile"] = client.Certificate,
            ["Mqtt:KeyFile"] = client.Key,
            ["Mqtt:KeyPassword"] = keyPassword,
            ["Mqtt:ClientId"] = "client",
            ["Mqtt:Username"] = "username",
            ["Mqtt:PasswordFile"] = passwordInFile ? _folder.File("password") : null,
            ["Mqtt:Password"] = passwordInFile ? null : Secret(),
            ["Mqtt:Alpn"] = null,
            ["Mqtt:StatusTopic"] = "status",
            ["Commands:Topic"] = "commands",
            ["Commands:ReplyTopic"] = null,
            ["Outbox:Directory"] = _folder.File("outbox"),
            ["Cache:Directory"] = null,
            ["OpenVino:Library"] = null,
            ["Streams:Name"] = "file",
            ["Streams:LabelMap"] = null,
            ["Streams:TopicName"] = null,
            ["Streams:Model:Path"] = DemoFiles.Classifier,
            ["Streams:Model:Device"] = null,
            ["Streams:Model:CpuExtension"] = null,
            ["Streams:Source:Input"] = DemoFiles.Inspection,
            ["Streams:Source:Format"] = null,
            ["Streams:Source:Size"] = null,
            ["Streams:Source:VaapiDevice"] = null,
            ["Streams:Publishers:Kinesis:StreamName"] = "stream",
            ["Streams:Publishers:Kinesis:PartitionKey"] = null,
            ["Streams:Publishers:Kinesis:ExplicitHashKey"] = null,
            ["Streams:Publishers:Kinesis:Region"] = "eu-west-1",
            ["Streams:Publishers:Kinesis:ServiceUrl"] = url,
            ["Streams:Publishers:S3:Bucket"] = "bucket",
            ["Streams:Publishers:S3:Key"] = null,
            ["Streams:Publishers:S3:Region"] = "eu-west-1",
            ["Streams:Publishers:S3:ServiceUrl"] = url,
            ["Streams:Publishers:LocalJpeg:Directory"] = _folder.File("pictures"),
            ["Streams:Publishers:LocalJpeg:FileName"] = null,
            ["Streams:Publishers:Webhook:Url"] = $"{url}/{Secret()}?{Secret()}&token={Secret()}",
            ["Streams:Publishers:Webhook:Authorization"] = $"Bearer {Secret()}",
        };
        Dictionary<string, object> settings = StringOptions.Fill(ValueOf);
        ((Dictionary<string, object>)settings["Mqtt"])["Port"] = brokerPort;
        ((Dictionary<string, object>)settings["Mqtt"])["Tls"] = true;
        var streams = new List<Dictionary<string, object>>();
        foreach ((string name, string input) in new (string, string)[]
        {
            ("file", DemoFiles.Inspection),
            ("http", $"http://user:{UserSecret()}@127.0.0.1:{cameraPort}/live.ts?token={Secret()}&view=1"),
            ("rtsp", $"rtsp://user:{UserSecret()}@127.0.0.1:{cameraPort}/live?auth_key={Secret()}"),
        })
        {
            values["Streams:Name"] = name;
            values["Streams:Source:Input"] = input;
            Dictionary<string, object> stream = StringOptions.FillStream(ValueOf);
            stream["ReportingInterval"] = "200ms";
            foreach (Dictionary<string, object> publisher in ((Dictionary<string, Dictionary<string, object>>)stream["Publishers"]).Values)
                publisher["Enabled"] = true;
            if (name == "file")
            {
                ((Dictionary<string, object>)stream["Source"])["Loop"] = true;
                ((Dictionary<string, object>)stream["Source"])["RealTime"] = true;
            }

            streams.Add(stream);
        }

        settings["Streams"] = streams;
        string file = await Settings.WriteAsync(_folder, settings, new { MinimumLevel = new { Default = "Verbose", Override = new { Microsoft = "Verbose", System = "Verbose", Amazon = "Verbose" } } });
        var environment = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = Secret(),
            ["AWS_SECRET_ACCESS_KEY"] = Secret(),
            ["AWS_SESSION_TOKEN"] = Secret(),
            ["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = Secret(),
            ["AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT"] = _folder.File("nobody.socket"),
            ["SVCUID"] = Secret(),
        };

        ServiceRun check = await ServiceProcess.RunAsync(environment, "check", "--config", file);
        Assert.True(check.ExitCode == 0, check.Log);
        AssertHidden(check);

        await using RunningService service = RunningService.Start(environment, "run", "--config", file);
        using var stop = new CancellationTokenSource();
        var children = new ConcurrentDictionary<int, string>();
        Task watching = Task.Run(() => WatchChildrenAsync(service.Id, children, stop.Token));
        await WaitForAllAsync(service, until.Where(static text => !text.StartsWith("damaged: ", StringComparison.Ordinal)));
        if (until.Any(static text => text.StartsWith("damaged: ", StringComparison.Ordinal)))
        {
            // With the first bytes gone it is a key no more, and what is left is still secret.
            await File.WriteAllTextAsync(client.Key, (await File.ReadAllTextAsync(client.Key))[40..]);
            await WaitForAllAsync(service, ["EdgeInference:Mqtt:KeyFile: "]);
        }

        // Those of the cameras end at once, and are started again and again.
        using (var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1)))
        {
            while (children.Count < 3)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, hang.Token);
        }

        service.Send(RunningService.Terminate);
        Assert.Equal(0, await service.WaitForExitAsync());
        await stop.CancelAsync();
        await watching;

        Assert.All(children.Values, child => AssertHidden("a child process", child));
        AssertHidden("the log", service.Log);
        Assert.Contains(" DBG ", service.Log, StringComparison.Ordinal);
        foreach (string written in ((string[])["outbox", "pictures"]).SelectMany(folder => Directory.GetFiles(_folder.File(folder), "*", SearchOption.AllDirectories)))
            AssertHidden(written, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(written)));
        Assert.True(Directory.GetFiles(_folder.File("pictures"), ".edge-inference-*").Length > 0);
        while (await service.ReadOutputAsync() is { } line)
            AssertHidden("standard output", line);

        object? ValueOf(string key) => values.TryGetValue(key, out object? value) ? value : Secret();
    }

    private static async Task WaitForAllAsync(RunningService service, IEnumerable<string> texts)
    {
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (texts.FirstOrDefault(text => !service.Log.Contains(text, StringComparison.Ordinal)) is { } missing)
        {
            Assert.False(hang.IsCancellationRequested, $"No '{missing}':\n{service.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Arguments and environment of every child process, as anybody on the machine, and root, can read them.</summary>
    private static async Task WatchChildrenAsync(int service, ConcurrentDictionary<int, string> children, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (int child in RunningService.ChildrenOf(service))
            {
                try
                {
                    string seen = await File.ReadAllTextAsync($"/proc/{child}/cmdline", CancellationToken.None) + await File.ReadAllTextAsync($"/proc/{child}/environ", CancellationToken.None);

                    // Between fork and exec it still is the service itself, with its environment.
                    if (seen.Contains("ffmpeg", StringComparison.Ordinal) && !seen.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal))
                        children[child] = seen;
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // It has just ended.
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    private string Secret()
    {
        _secrets.Add($"canary{RandomNumberGenerator.GetHexString(16)}");
        return _secrets[^1];
    }

    /// <summary>A password that goes with the name "user", which a header holds in another form.</summary>
    private string UserSecret()
    {
        string secret = Secret();
        _secrets.Add(Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{secret}")));
        return secret;
    }

    private void AssertHidden(ServiceRun run)
    {
        AssertHidden("the log", run.Log);
        AssertHidden("standard output", run.Output);
    }

    private void AssertHidden(string where, string text)
    {
        Assert.NotEmpty(_secrets);
        foreach (string secret in _secrets)
        {
            int place = text.IndexOf(secret, StringComparison.OrdinalIgnoreCase);
            Assert.True(place < 0, place < 0 ? "" : $"{where} shows a secret: {text[Math.Max(0, place - 200)..Math.Min(text.Length, place + 100)]}");
        }

        // A part of one, such as an error message quotes.
        Assert.DoesNotContain("canary", text, StringComparison.OrdinalIgnoreCase);
    }
}
