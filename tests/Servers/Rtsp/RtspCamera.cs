using EdgeInference.TestSupport;

namespace EdgeInference.TestServers;

/// <summary>
/// A network camera that can be cut off and switched on again: GStreamer's RTSP server in a process of its own, which gives
/// each client the video from its beginning. It keeps its port.
/// </summary>
internal sealed class RtspCamera : IAsyncDisposable
{
    public const string User = "operator";
    public const string Password = "swordfish";

    private readonly string[] _login;
    private ServerProcess? _server;

    private RtspCamera(bool needsLogin) => _login = needsLogin ? [User, Password] : [];

    public int Port { get; } = LoopbackPort.Free();

    public string Url => $"rtsp://{(_login.Length > 0 ? $"{User}:{Password}@" : "")}127.0.0.1:{Port}/live";

    public int ProcessId => _server!.Id;

    public static async Task<RtspCamera> RunAsync(string video, bool needsLogin = false)
    {
        var camera = new RtspCamera(needsLogin);
        await camera.SwitchOnAsync(video);
        return camera;
    }

    /// <param name="video">An MP4 file with H.264.</param>
    public async Task SwitchOnAsync(string video) => _server = await ServerProcess.StartAsync(
        "/usr/bin/python3", [TestData.InRepository("tests/Servers/Rtsp/rtsp_server.py"), $"{Port}", video, .. _login]);

    /// <summary>Without a word to its clients, as when it loses its power.</summary>
    public async Task CutOffAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }

    public async ValueTask DisposeAsync() => await CutOffAsync();
}
