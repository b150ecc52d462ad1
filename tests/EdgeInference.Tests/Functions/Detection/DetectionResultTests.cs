using EdgeInference.Functions.Detection;

namespace EdgeInference.Tests.Functions.Detection;

public sealed class DetectionResultTests
{
    [Theory]
    [InlineData("", "nothing")]
    [InlineData("person", "1 object: person (0.90)")]
    [InlineData("person,7,person,1,1", "5 objects: 2 x person (0.90), class 7 (0.80), 2 x class 1 (0.60)")]
    public void Describe_Objects_CountsThemByClass(string labels, string expected)
    {
        var result = new DetectionResult();
        foreach ((int i, string label) in labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Index())
            result.Objects.Add(new DetectedObject(0, label, 0.9f - (i * 0.1f), 0, 0, 1, 1));

        Assert.Equal(expected, result.Describe());
    }
}
