using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeInference.TestSupport;

/// <summary>How a <see cref="MosquittoBroker"/> is set up.</summary>
internal sealed record MosquittoSettings
{
    /// <summary>Where clients expect it; null is a free port.</summary>
    public int? Port { get; init; }

    /// <summary>The broker's certificate; null is without TLS.</summary>
    public CertificateFiles? Tls { get; init; }

    /// <summary>Clients must have a certificate of this authority.</summary>
    public string? ClientCaFile { get; init; }

    /// <summary>Name and password; null lets everybody in.</summary>
    public (string Name, string Password)? User { get; init; }

    /// <summary>Lines of the access control list; null allows everything.</summary>
    public string? Acl { get; init; }

    /// <summary>Whether it refuses all subscriptions, as an access control list cannot do.</summary>
    public bool RefusesSubscriptions { get; init; }

    /// <summary>Lines for the configuration as a whole, such as max_packet_size.</summary>
    public string More { get; init; } = "";

    /// <summary>Whether it writes down each packet; false where it is to be fast.</summary>
    public bool IsVerbose { get; init; } = true;
}

/// <summary>
/// The real mosquitto, on free loopback ports: one as set up, for the code under test, and a plain one for subscribers.
/// It keeps its sessions over <see cref="StopAsync"/> and <see cref="StartAsync"/>, and its ports always.
/// </summary>
internal sealed partial class MosquittoBroker : IAsyncDisposable
{
    /// <summary>Not on every user's path.</summary>
    private const string DebianPath = "/usr/sbin/mosquitto";

    private const int HangUp = 1;
    private const int Terminate = 15;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-mosquitto-");
    private readonly StringBuilder _output = new();
    private readonly bool _isVerbose;
    private Process? _process;

    private MosquittoBroker(MosquittoSettings settings)
    {
        _isVerbose = settings.IsVerbose;
        Port = settings.Port ?? LoopbackPort.Free();
        Configure(settings);
    }

    public int Port { get; }

    /// <summary>Without TLS, users and access control.</summary>
    public int SubscriberPort { get; } = LoopbackPort.Free();

    /// <summary>What it has written so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static async Task<MosquittoBroker> RunAsync(MosquittoSettings? settings = null)
    {
        var broker = new MosquittoBroker(settings ?? new MosquittoSettings());
        await broker.StartAsync();
        return broker;
    }

    /// <summary>A broker that does not run yet.</summary>
    public static MosquittoBroker Create(MosquittoSettings? settings = null) => new(settings ?? new MosquittoSettings());

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(File.Exists(DebianPath) ? DebianPath : "mosquitto")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(InFolder("mosquitto.conf"));
        if (_isVerbose)
            start.ArgumentList.Add("-v");
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException("mosquitto is not installed, which these tests need: ./dev test installs it, or apt-get install mosquitto.", exception);
        }

        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Task exit = _process.WaitForExitAsync(deadline.Token);
        Task ready = Task.WhenAll(LoopbackPort.WaitAsync(Port, deadline.Token), LoopbackPort.WaitAsync(SubscriberPort, deadline.Token));
        if (await Task.WhenAny(exit, ready) == exit)
            throw new InvalidOperationException($"mosquitto ended at once:\n{Output}");
        await ready;
    }

    /// <summary>Stops it in good order.</summary>
    public Task StopAsync() => EndAsync(process => Signal(process, Terminate));

    /// <summary>Ends it without warning, as a crash does.</summary>
    public Task KillAsync() => EndAsync(static process => process.Kill());

    /// <summary>Sets it up anew; what is on disk and the ports stay. Access control and users are taken by a running broker, the rest when it starts again.</summary>
    public async Task ReconfigureAsync(MosquittoSettings settings)
    {
        Configure(settings);
        if (_process is null)
            return;
        int before = Output.Length;
        Signal(_process, HangUp);
        while (!Output[before..].Contains("Reloading config", StringComparison.Ordinal))
            await Task.Delay(10);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
    }

    private void Configure(MosquittoSettings settings)
    {
        var lines = new StringBuilder();
        lines.AppendLine("per_listener_settings true");
        if (Environment.UserName == "root")
            lines.AppendLine("user root");
        lines.AppendLine("persistence true").AppendLine("autosave_interval 1");
        Add("persistence_location", _folder.FullName + "/");

        // Not 0, which is without limit: version 2.0.11 then ends the connection of a client whose publication it refuses.
        lines.AppendLine("max_queued_messages 1000000");
        lines.AppendLine(settings.More);

        Add("listener", $"{Port} 127.0.0.1");
        Add("allow_anonymous", settings.User is null ? "true" : "false");
        if (settings.Tls is { } tls)
        {
            Add("certfile", tls.Certificate);
            Add("keyfile", tls.Key);
        }

        if (settings.ClientCaFile is { } clientCa)
        {
            Add("cafile", clientCa);
            Add("require_certificate", "true");
        }

        if (settings.User is { } user)
        {
            string passwords = InFolder("passwords");
            File.WriteAllText(passwords, $"{user.Name}:{user.Password}\n");
            using var hashing = Process.Start("mosquitto_passwd", ["-U", passwords]);
            hashing.WaitForExit();
            Add("password_file", passwords);
        }

        if (settings.Acl is { } acl)
        {
            File.WriteAllText(InFolder("acl"), acl + "\n");
            Add("acl_file", InFolder("acl"));
        }

        if (settings.RefusesSubscriptions)
        {
            File.WriteAllText(InFolder("dynamic-security.json"), """{"defaultACLAccess":{"publishClientSend":true,"publishClientReceive":true,"subscribe":false,"unsubscribe":true}}""");
            Add("plugin", FindDynamicSecurity());
            Add("plugin_opt_config_file", InFolder("dynamic-security.json"));
        }

        Add("listener", $"{SubscriberPort} 127.0.0.1");
        Add("allow_anonymous", "true");
        File.WriteAllText(InFolder("mosquitto.conf"), lines.ToString());

        void Add(string key, string value) => lines.AppendLine(CultureInfo.InvariantCulture, $"{key} {value}");
    }

    private string InFolder(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>The plugin that comes with it; its folder is named after the machine's architecture.</summary>
    private static string FindDynamicSecurity() => Directory
        .EnumerateFiles("/usr/lib", "mosquitto_dynamic_security.so", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
        .First();

    private void Append(string? line)
    {
        lock (_output)
            _output.AppendLine(line);
    }

    private async Task EndAsync(Action<Process> end)
    {
        if (_process is not { } process)
            return;
        _process = null;
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        if (!process.HasExited)
            end(process);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
        }
    }

    private void KillAtExit(object? sender, EventArgs args) => _process?.Kill();

    private static void Signal(Process process, int signal)
    {
        if (Kill(process.Id, signal) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
