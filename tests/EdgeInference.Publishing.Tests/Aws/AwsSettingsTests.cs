using EdgeInference.Publishing.Aws;
using EdgeInference.Publishing.Kinesis;

namespace EdgeInference.Publishing.Tests.Aws;

public sealed class AwsSettingsTests
{
    [Theory]
    [InlineData("eu-west-1", null, null)]
    [InlineData(null, "https://minio.example:9000", null)]
    [InlineData(null, null, "AWS_REGION")]
    [InlineData(null, null, "AWS_ENDPOINT_URL")]
    [InlineData(null, null, "AWS_PROFILE")]
    public void FindDoubt_AddressIsKnown_HasNone(string? region, string? serviceUrl, string? variable) =>
        Assert.Null(AwsSettings.FindDoubt(region, serviceUrl, name => name == variable ? "x" : ""));

    [Fact]
    public void FindDoubt_NothingTells_SaysWhatToSet() =>
        Assert.Equal(
            "has no region, unless the AWS SDK finds one in its profile or on the instance: set Region, or AWS_REGION in the environment",
            AwsSettings.FindDoubt(region: null, serviceUrl: null, static _ => null));

    /// <summary>A request that nothing comes back for ends within minutes, whatever was to be sent.</summary>
    [Fact]
    public void TimeFor_LargestRequestOfKinesis_IsMinutes()
    {
        var batch = new PutRecordsBatch("s", explicitHashKey: null);
        while (batch.TryAdd("line1", new byte[2000]))
        {
        }

        Assert.InRange(AwsSettings.TimeFor(batch.ToJson().Length), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6.5));
    }
}
