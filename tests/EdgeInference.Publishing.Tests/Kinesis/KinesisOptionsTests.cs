using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing.Kinesis;

namespace EdgeInference.Publishing.Tests.Kinesis;

public sealed class KinesisOptionsTests
{
    [Fact]
    public void Validate_Defaults_FindsNothing() => Assert.Empty(Faults(new KinesisOptions()));

    [Theory]
    [InlineData("0")]
    [InlineData("170141183460469231731687303715884105728")]
    [InlineData("340282366920938463463374607431768211455")]
    public void Validate_HashKeyWithinBounds_FindsNothing(string key) => Assert.Empty(Faults(Enabled(options => options.ExplicitHashKey = key)));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("01")]
    [InlineData("1.0")]
    [InlineData("0x10")]
    [InlineData(" 1")]
    [InlineData("340282366920938463463374607431768211456")]
    [InlineData("1000000000000000000000000000000000000000")]
    public void Validate_HashKeyOutOfBounds_NamesIt(string key) =>
        Assert.Equal(nameof(KinesisOptions.ExplicitHashKey), Assert.Single(Faults(Enabled(options => options.ExplicitHashKey = key))));

    [Theory]
    [InlineData("http://127.0.0.1:4567", true)]
    [InlineData("https://vpce-1.kinesis.eu-west-1.vpce.amazonaws.com", true)]
    [InlineData("ftp://host", false)]
    [InlineData("host:4567", false)]
    [InlineData("https://user:secret@host", false)]
    [InlineData("https://host/?a=b", false)]
    public void Validate_ServiceUrl_TakesAddressesWithoutSecrets(string url, bool isValid) =>
        Assert.Equal(isValid, Faults(Enabled(options => options.ServiceUrl = url)).Count == 0);

    [Theory]
    [InlineData("http://kinesis.example:4567", false, false)]
    [InlineData("http://kinesis.example:4567", true, true)]
    public void Validate_HttpToAnotherMachine_HasToBeAllowed(string url, bool isAllowed, bool isValid) => Assert.Equal(
        isValid ? [] : [nameof(KinesisOptions.ServiceUrl)],
        Faults(Enabled(options => (options.ServiceUrl, options.AllowHttp) = (url, isAllowed))));

    [Theory]
    [InlineData("eu-west-1", true)]
    [InlineData("cn-north-1", true)]
    [InlineData("EU-WEST-1", false)]
    [InlineData("evil.com/", false)]
    public void Validate_Region_TakesLabels(string region, bool isValid) =>
        Assert.Equal(isValid, Faults(Enabled(options => options.Region = region)).Count == 0);

    [Fact]
    public void Validate_EnabledWithoutStream_NamesIt() =>
        Assert.Equal(nameof(KinesisOptions.StreamName), Assert.Single(Faults(new KinesisOptions { Enabled = true })));

    [Theory]
    [InlineData("a b", "k", nameof(KinesisOptions.StreamName))]
    [InlineData("s", "", nameof(KinesisOptions.PartitionKey))]
    public void Validate_NameOutOfBounds_NamesIt(string stream, string partitionKey, string expected) =>
        Assert.Equal(expected, Assert.Single(Faults(new KinesisOptions { Enabled = true, StreamName = stream, PartitionKey = partitionKey })));

    private static KinesisOptions Enabled(Action<KinesisOptions> set)
    {
        var options = new KinesisOptions { Enabled = true, StreamName = "s" };
        set(options);
        return options;
    }

    private static List<string> Faults(KinesisOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return [.. results.SelectMany(static result => result.MemberNames)];
    }
}
