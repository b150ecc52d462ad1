using System.Net.Sockets;
using System.Security.Cryptography;

namespace EdgeInference.TestServers;

/// <summary>
/// The nucleus's side of the local IPC, on a Unix domain socket: takes what a nucleus takes and writes down what it would not. It shares
/// nothing with the client.
/// </summary>
internal sealed class NucleusServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _tokens = [];
    private readonly Dictionary<NucleusSession, Task> _sessions = [];
    private readonly NucleusListener _listener;
    private int _clients;

    private NucleusServer(string folder, NucleusSettings settings)
    {
        SocketPath = Path.Combine(folder, settings.Kind == NucleusKind.Lite ? "gg-ipc.socket" : "ipc.socket");
        Settings = settings;
        _listener = new NucleusListener(SocketPath, Serve);
        Cloud = new NucleusCloud(settings, Journal);
        Held = new NucleusHeld(Journal);
        IssueToken();
    }

    public string SocketPath { get; }

    public NucleusSettings Settings { get; }

    public NucleusJournal Journal { get; } = new();

    public NucleusCloud Cloud { get; }

    public NucleusFaults Faults { get; } = new();

    public NucleusHeld Held { get; }

    /// <summary>The token of the component, which was issued last.</summary>
    public string Token { get; private set; } = "";

    /// <summary>What the component may publish to, as in a recipe: * and MQTT's wildcards.</summary>
    public string[] Publishable { get; set; } = ["*"];

    /// <summary>What the component may subscribe to.</summary>
    public string[] Subscribable { get; set; } = ["*"];

    /// <summary>How answers are written: <see cref="NucleusSplit"/>.</summary>
    public Func<int, IEnumerable<int>> Split { get; set; } = NucleusSplit.Whole;

    /// <summary>What the nucleus sets for the component's process.</summary>
    public IReadOnlyDictionary<string, string> Environment
    {
        get
        {
            var environment = new Dictionary<string, string>
            {
                ["AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT"] = SocketPath,
                ["SVCUID"] = Token,
                ["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = Token,
                ["AWS_IOT_THING_NAME"] = "box1",
                ["AWS_REGION"] = "us-east-1",
            };
            if (Settings.Kind == NucleusKind.Classic)
                environment["AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH"] = SocketPath;
            return environment;
        }
    }

    /// <summary>One that runs.</summary>
    public static NucleusServer Run(string folder, NucleusSettings? settings = null)
    {
        NucleusServer server = Create(folder, settings);
        server.Start();
        return server;
    }

    /// <summary>One that does not run yet.</summary>
    public static NucleusServer Create(string folder, NucleusSettings? settings = null) => new(folder, settings ?? NucleusSettings.Lite);

    public void Start() => _listener.Start();

    /// <summary>Goes down at once, as when it is killed: connections are cut, and what the broker has not acknowledged is lost.</summary>
    public async Task StopAsync(NucleusSocket left = NucleusSocket.Refusing)
    {
        await _listener.StopAsync(left);
        CutConnections();
        await Task.WhenAll(Running);
        Cloud.Forget();
    }

    /// <summary>Goes down and comes up again; the tokens from before are worth nothing then, unless they are kept.</summary>
    public async Task RestartAsync(bool keepTokens, NucleusSocket left = NucleusSocket.Refusing)
    {
        await StopAsync(left);
        if (!keepTokens)
            RevokeTokens();
        Start();
    }

    /// <summary>Makes a token valid besides those that are, and gives it to the component.</summary>
    /// <param name="token">Null: a new one.</param>
    public string IssueToken(string? token = null)
    {
        const int Bytes = 12;
        Token = token ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));
        lock (_lock)
            _tokens.Add(Token);
        return Token;
    }

    /// <summary>No token is valid any more; open connections stay.</summary>
    public void RevokeTokens()
    {
        lock (_lock)
            _tokens.Clear();
    }

    public bool Knows(string token)
    {
        lock (_lock)
            return _tokens.Contains(token);
    }

    /// <summary>Sends a message to all who have subscribed to its topic.</summary>
    /// <returns>To how many subscriptions.</returns>
    public async Task<int> DeliverAsync(string topic, byte[] payload)
    {
        int count = 0;
        foreach (NucleusSession session in Sessions)
            count += await session.Operations.DeliverAsync(topic, payload);
        return count;
    }

    /// <summary>Ends all subscriptions from this side.</summary>
    public Task EndSubscriptionsAsync() => Task.WhenAll(Sessions.Select(static session => session.Operations.EndSubscriptionsAsync()));

    /// <summary>Loses all subscriptions and says nothing.</summary>
    public void LoseSubscriptions() => Array.ForEach(Sessions, static session => session.Operations.LoseSubscriptions());

    /// <summary>Sends these bytes, whatever they are, on every connection.</summary>
    public Task SendAsync(byte[] bytes) => Task.WhenAll(Sessions.Select(session => session.SendAsync(bytes)));

    /// <summary>Cuts every connection and goes on.</summary>
    public void CutConnections() => Array.ForEach(Sessions, static session => session.Close());

    public async ValueTask DisposeAsync()
    {
        await StopAsync(NucleusSocket.Gone);
        await _listener.DisposeAsync();
    }

    private NucleusSession[] Sessions
    {
        get
        {
            lock (_lock)
                return [.. _sessions.Keys];
        }
    }

    private Task[] Running
    {
        get
        {
            lock (_lock)
                return [.. _sessions.Values];
        }
    }

    private void Serve(Socket socket)
    {
        var client = new NucleusClient(++_clients);
        var session = new NucleusSession(this, new NucleusConnection(socket, Settings.LongestFrame, () => Split), client);
        Journal.Add(client);
        lock (_lock)
            _sessions.Add(session, RunAsync(session));
    }

    private async Task RunAsync(NucleusSession session)
    {
        await Task.Yield();
        try
        {
            await session.RunAsync();
        }
        catch (Exception exception)
        {
            // A fault of this server: no test that looks at violations may pass over it.
            session.Operations.Note(0, exception.ToString());
        }
        finally
        {
            lock (_lock)
                _sessions.Remove(session);
        }
    }
}
