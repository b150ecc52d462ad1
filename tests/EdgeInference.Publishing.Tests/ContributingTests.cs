using EdgeInference.TestSupport;

namespace EdgeInference.Publishing.Tests;

public sealed class ContributingTests
{
    [Theory]
    [InlineData("src/EdgeInference.Publishing/Webhook/WebhookOptions.cs")]
    [InlineData("src/EdgeInference.Publishing/Webhook/WebhookPublisher.cs")]
    public void Contributing_ExampleOfAPublisher_IsTheShippedCode(string source)
    {
        string code = File.ReadAllText(TestData.InRepository(source)).TrimStart('\uFEFF');
        string guide = File.ReadAllText(TestData.InRepository("CONTRIBUTING.md"));

        Assert.True(
            guide.Contains($"\n```csharp\n{code}```\n", StringComparison.Ordinal),
            $"CONTRIBUTING.md shows another version of {source}: put the file there as it is.");
    }
}
