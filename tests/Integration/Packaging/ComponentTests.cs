using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeInference.Service.Configuration;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Packaging;

/// <summary>The Greengrass component: its recipe and its archive.</summary>
[Collection(PackagesOnce.Name)]
public sealed class ComponentTests(Package package)
{
    private string Published => Path.Combine(Path.GetDirectoryName(package.Tarball)!, "greengrass");

    [Fact]
    public void Recipe_ItsKeys_AreTheVariablesOfTheSamples()
    {
        Recipe recipe = Recipe.Read(package.RecipeFile);
        string[] variables = [.. ParamVariables.Keys.Keys.Append(ParamVariables.CpuExtension).Select(static key => ParamVariables.Prefix + key).Order(StringComparer.Ordinal)];

        Assert.Equal(variables, recipe.Configuration.Keys.Where(static key => key.StartsWith(ParamVariables.Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(variables, recipe.Environment.Keys.Where(static key => key.StartsWith(ParamVariables.Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(variables, variable => Assert.Equal($"{{configuration:/{variable}}}", recipe.Environment[variable]));
    }

    [Fact]
    public void Recipe_EitherNucleus_TakesIt()
    {
        Recipe recipe = Recipe.Read(package.RecipeFile);

        Assert.Equal(new Dictionary<string, string> { ["os"] = "linux", ["architecture"] = "amd64", ["runtime"] = "*" }, recipe.Platform);
        Assert.True(new FileInfo(package.RecipeFile).Length <= 8196, "Lite does not read a larger one.");
        Assert.True(recipe.Size < 255, $"Lite takes at most 255 keys and values; here are {recipe.Size}.");
    }

    /// <summary>Nothing that would command another device.</summary>
    [Fact]
    public void Recipe_TopicsThatItAllows_AreThoseOfReportsAndOfCommandsToTheDevice()
    {
        Recipe recipe = Recipe.Read(package.RecipeFile);

        Assert.Equal(["openvino/#", "intel/faas/#", "edge-inference/+/commands/reply"], recipe.Resources("aws.greengrass#PublishToIoTCore"));
        Assert.Equal(["openvino/#", "intel/faas/#", "edge-inference/+/commands"], recipe.Resources("aws.greengrass#SubscribeToIoTCore"));
        Assert.Empty(recipe.Resources("*"));
    }

    [Fact]
    public async Task Publish_Layout_IsThatOfTheDeployingTools()
    {
        Recipe recipe = Recipe.Read(package.RecipeFile);
        ServiceRun version = await package.RunAsync([], package.Program, "--version");

        Assert.Equal(version.Output.Trim().Split('+')[0], recipe.Version);
        Assert.Equal($"{recipe.Name}-{recipe.Version}.yaml", Path.GetFileName(package.RecipeFile));
        Assert.Equal($"s3://BUCKET_NAME/{recipe.Name}/{recipe.Version}/edge-inference.zip", recipe.ArtifactUri);
        Assert.Equal([Path.Combine(Published, "artifacts", recipe.Name, recipe.Version, "edge-inference.zip")], Directory.GetFiles(Path.Combine(Published, "artifacts"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Archive_ItsFiles_AreThoseOfTheTarball()
    {
        var inTarball = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await using (FileStream file = File.OpenRead(package.Tarball))
        await using (var gzip = new GZipStream(file, CompressionMode.Decompress))
        await using (var tar = new TarReader(gzip))
        {
            while (await tar.GetNextEntryAsync() is { } entry)
            {
                if (entry.DataStream is { } data)
                    inTarball.Add(entry.Name[(entry.Name.IndexOf('/', StringComparison.Ordinal) + 1)..], Convert.ToHexString(await SHA256.HashDataAsync(data)));
            }
        }

        using ZipArchive zip = ZipFile.OpenRead(Directory.GetFiles(Published, "*.zip", SearchOption.AllDirectories)[0]);
        var inZip = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            await using Stream data = await entry.OpenAsync();
            inZip.Add(entry.FullName, Convert.ToHexString(await SHA256.HashDataAsync(data)));
        }

        Assert.Equal(inTarball, inZip);
        Assert.Single(zip.Entries.Select(static entry => entry.LastWriteTime).Distinct());
    }

    [Fact]
    public void GdkConfiguration_Project_NamesTheRecipeAndTheBuild()
    {
        Recipe recipe = Recipe.Read(package.RecipeFile);
        string folder = TestData.InRepository("deploy/greengrass");
        using JsonDocument configuration = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "gdk-config.json")));

        JsonElement component = configuration.RootElement.GetProperty("component").GetProperty(recipe.Name);
        Assert.Equal(recipe.Version, component.GetProperty("version").GetString());
        Assert.Equal("custom", component.GetProperty("build").GetProperty("build_system").GetString());
        string command = Assert.Single(component.GetProperty("build").GetProperty("custom_build_command").EnumerateArray()).GetString()!;
        Assert.True(File.GetUnixFileMode(Path.Combine(folder, command)).HasFlag(UnixFileMode.UserExecute));
        Assert.False(string.IsNullOrEmpty(component.GetProperty("publish").GetProperty("bucket").GetString()));
    }
}
