namespace EdgeInference.Benchmarks;

/// <summary>Where models and videos are.</summary>
internal static class Folders
{
    public static string Repository { get; } = FindRepository();

    /// <summary>The test data: EDGEINFERENCE_TEST_DATA names the folder, which by default is ../shared/data beside the checkout.</summary>
    public static string Data { get; } = Environment.GetEnvironmentVariable("EDGEINFERENCE_TEST_DATA") is { Length: > 0 } configured
        ? configured
        : Path.Combine(Repository, "../shared/data");

    /// <summary>The public models of the test data; the demo models where that is not there.</summary>
    public static string[] FindModels() => Directory.Exists(Data)
        ? [.. Directory.GetFiles(Path.Combine(Data, "models"), "*.xml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
        : [.. new[] { "parts-detector", "parts-classifier" }.Select(static name => Path.Combine(Repository, "models", name, name + ".xml"))];

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EdgeInference.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No EdgeInference.sln above {AppContext.BaseDirectory}.");
    }
}
