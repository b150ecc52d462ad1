using EdgeInference.Models.Layers;
using EdgeInference.TestSupport;

namespace EdgeInference.Models.Tests.Layers;

/// <summary>docs/layers.md is made from the layer classes.</summary>
public sealed class LayersReferenceTests
{
    private const string Document = "docs/layers.md";

    [Fact]
    public void LayersReference_Document_IsMadeFromTheCode()
    {
        string path = TestData.InRepository(Document);
        if (Environment.GetEnvironmentVariable("EDGEINFERENCE_WRITE_DOCS") == "1")
            File.WriteAllText(path, Render());

        Assert.True(File.Exists(path), $"{Document} is missing: ./dev docs writes it.");
        Assert.True(Render() == File.ReadAllText(path), $"{Document} is out of date: ./dev docs writes it.");
    }

    private static string Render() =>
        $"""
        # Layer types

        Made from the code by `./dev docs`. A model with a layer of another type is refused, with the layer's name and type;
        `edge-inference model inspect` lists what a model has. What is refused of these types, and why, is in [models.md](models.md).

        ## IR v10 and newer: {LayerCatalog.Opset.Types.Count} types, in every opset version that has them

        {List(LayerCatalog.Opset)}

        ## IR v2 to v7: {LayerCatalog.Legacy.Types.Count} types

        {List(LayerCatalog.Legacy)}

        """;

    private static string List(LayerCatalog catalog) => string.Join(", ", catalog.Types.Order(StringComparer.OrdinalIgnoreCase));
}
