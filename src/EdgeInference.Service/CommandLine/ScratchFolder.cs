namespace EdgeInference.Service.CommandLine;

/// <summary>A folder of files that nobody needs after this run; made when it is first asked for.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private DirectoryInfo? _folder;

    public string Path => (_folder ??= Directory.CreateTempSubdirectory("edge-inference-")).FullName;

    public void Dispose() => _folder?.Delete(recursive: true);
}
