using Amazon;
using Amazon.Runtime.Endpoints;
using EdgeInference.Publishing.Kinesis;

namespace EdgeInference.Publishing.Tests.Kinesis;

/// <summary>The names are those of https://docs.aws.amazon.com/general/latest/gr/ak.html.</summary>
public sealed class KinesisClientConfigTests
{
    [Theory]
    [InlineData("eu-west-1", false, false, "https://kinesis.eu-west-1.amazonaws.com/")]
    [InlineData("cn-north-1", false, false, "https://kinesis.cn-north-1.amazonaws.com.cn/")]
    [InlineData("us-gov-west-1", false, false, "https://kinesis.us-gov-west-1.amazonaws.com/")]
    [InlineData("us-gov-west-1", true, false, "https://kinesis.us-gov-west-1.amazonaws.com/")]
    [InlineData("us-east-2", true, false, "https://kinesis-fips.us-east-2.amazonaws.com/")]
    [InlineData("eu-west-1", false, true, "https://kinesis.eu-west-1.api.aws/")]
    public void DetermineServiceOperationEndpoint_Region_GivesItsName(string region, bool fips, bool dualStack, string expected)
    {
        var config = new KinesisClientConfig
        {
            RegionEndpoint = RegionEndpoint.GetBySystemName(region),
            UseFIPSEndpoint = fips,
            UseDualstackEndpoint = dualStack,
        };

        Assert.Equal(expected, config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(null!)).URL);
    }
}
