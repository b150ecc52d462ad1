namespace EdgeInference.TestSupport;

/// <summary>
/// Real models, videos and the answers of the engines they were recorded from: not part of the repository.
/// EDGEINFERENCE_TEST_DATA names the folder; by default it is ../shared/data beside the checkout.
/// </summary>
internal static class TestData
{
    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    public static string Root { get; } =
        Environment.GetEnvironmentVariable("EDGEINFERENCE_TEST_DATA") is { Length: > 0 } configured
            ? configured
            : System.IO.Path.GetFullPath(System.IO.Path.Combine(RepositoryRoot, "../shared/data"));

    public static bool IsPresent => Directory.Exists(Root);

    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    /// <summary>A file of the repository, such as a demo model.</summary>
    public static string InRepository(string relative) => System.IO.Path.Combine(RepositoryRoot, relative);

    private static string FindRepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "EdgeInference.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No EdgeInference.sln above {AppContext.BaseDirectory}.");
    }
}

/// <summary>A fact that needs the test data; reported as skipped, with the reason, where the data is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute()
    {
        if (!TestData.IsPresent)
            Skip = $"No test data at {TestData.Root} (set EDGEINFERENCE_TEST_DATA).";
    }
}

/// <summary>A theory that needs the test data; reported as skipped, with the reason, where the data is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DataTheoryAttribute : TheoryAttribute
{
    public DataTheoryAttribute()
    {
        if (!TestData.IsPresent)
            Skip = $"No test data at {TestData.Root} (set EDGEINFERENCE_TEST_DATA).";
    }
}
