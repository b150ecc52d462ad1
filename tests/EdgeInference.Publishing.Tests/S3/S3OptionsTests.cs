using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing.S3;

namespace EdgeInference.Publishing.Tests.S3;

public sealed class S3OptionsTests
{
    [Fact]
    public void Validate_Defaults_FindsNothing() => Assert.Empty(Faults(new S3Options()));

    [Fact]
    public void Validate_EnabledWithoutBucket_NamesIt() =>
        Assert.Equal(nameof(S3Options.Bucket), Assert.Single(Faults(new S3Options { Enabled = true })));

    [Theory]
    [InlineData("pictures", true)]
    [InlineData("my.pictures-2", true)]
    [InlineData("ab", false)]
    [InlineData("Pictures", false)]
    [InlineData("-pictures", false)]
    [InlineData("a..b", false)]
    [InlineData("192.168.5.4", false)]
    [InlineData("bucket/../other", false)]
    public void Validate_Bucket_TakesNamesOfBuckets(string bucket, bool isValid) =>
        Assert.Equal(isValid, Faults(new S3Options { Enabled = true, Bucket = bucket }).Count == 0);

    [Theory]
    [InlineData("{stream}/{id}.jpg", true)]
    [InlineData("../{id}.jpg", false)]
    [InlineData("{unknown}.jpg", false)]
    public void Validate_Key_TakesTemplates(string key, bool isValid) =>
        Assert.Equal(isValid, Faults(new S3Options { Enabled = true, Bucket = "pictures", Key = key }).Count == 0);

    [Fact]
    public void Validate_UserInServiceUrl_NamesIt() => Assert.Equal(
        nameof(S3Options.ServiceUrl), Assert.Single(Faults(new S3Options { Enabled = true, Bucket = "pictures", ServiceUrl = "http://user:secret@host" })));

    [Theory]
    [InlineData("http://127.0.0.1:9000", false, true)]
    [InlineData("http://localhost:9000", false, true)]
    [InlineData("https://minio.example", false, true)]
    [InlineData("http://minio.example", false, false)]
    [InlineData("http://minio.example", true, true)]
    public void Validate_HttpToAnotherMachine_HasToBeAllowed(string url, bool isAllowed, bool isValid) => Assert.Equal(
        isValid ? [] : [nameof(S3Options.ServiceUrl)],
        Faults(new S3Options { Enabled = true, Bucket = "pictures", ServiceUrl = url, AllowHttp = isAllowed }));

    private static List<string> Faults(S3Options options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return [.. results.SelectMany(static result => result.MemberNames)];
    }
}
