using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing.Webhook;

namespace EdgeInference.Publishing.Tests.Webhook;

public sealed class WebhookOptionsTests
{
    private const string Canary = "c4n4ry";

    [Theory]
    [InlineData("https://hooks.example/" + Canary)]
    [InlineData("HTTPS://hooks.example:8443/?token=" + Canary)]
    [InlineData("http://localhost:8080/" + Canary)]
    [InlineData("http://127.0.0.1/" + Canary)]
    [InlineData("http://[::1]/" + Canary)]
    public void Validate_Address_IsTaken(string url) => Assert.Empty(Faults(new WebhookOptions { Enabled = true, Url = url }));

    [Theory]
    [InlineData(null, "must be")]
    [InlineData("", "must be")]
    [InlineData("hooks.example/" + Canary, "must be")]
    [InlineData("ftp://hooks.example/" + Canary, "must be")]
    [InlineData("/hooks/" + Canary, "must be")]
    [InlineData("https://user:" + Canary + "@hooks.example/", "user name")]
    [InlineData("https://" + Canary + "@hooks.example/", "user name")]
    [InlineData("http://hooks.example/" + Canary, "AllowHttp")]
    [InlineData("http://192.168.1.2/" + Canary, "AllowHttp")]
    [InlineData("http://localhost.example/" + Canary, "AllowHttp")]
    public void Validate_Address_IsRefusedWithoutRepeatingIt(string? url, string reason)
    {
        (string member, string message) = Assert.Single(Faults(new WebhookOptions { Enabled = true, Url = url }));

        Assert.Equal(nameof(WebhookOptions.Url), member);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_NotEnabled_NeedsNoAddress() => Assert.Empty(Faults(new WebhookOptions()));

    [Theory]
    [InlineData("TODO")]
    [InlineData("hooks.example/" + Canary)]
    [InlineData("https://user@hooks.example/")]
    public void Validate_NotEnabled_TakesAnythingForTheAddress(string url) => Assert.Empty(Faults(new WebhookOptions { Url = url }));

    [Fact]
    public void Validate_HttpIsAllowed_IsTaken() =>
        Assert.Empty(Faults(new WebhookOptions { Enabled = true, Url = "http://hooks.example", AllowHttp = true }));

    [Theory]
    [InlineData("Bearer " + Canary, true)]
    [InlineData("Basic dXNlcjpwYXNz", true)]
    [InlineData("Bearer " + Canary + "\r\nX-Other: 1", false)]
    [InlineData("Bearer " + Canary + "ü", false)]
    [InlineData("", false)]
    public void Validate_Authorization_IsAHeaderValue(string authorization, bool isTaken)
    {
        (string Member, string Message)[] faults = Faults(new WebhookOptions { Authorization = authorization });

        Assert.Equal(isTaken, faults.Length == 0);
        Assert.All(faults, static fault => Assert.DoesNotContain(Canary, fault.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.1, true)]
    [InlineData(600, true)]
    [InlineData(601, false)]
    public void Validate_Timeout_IsInRange(double seconds, bool isTaken) =>
        Assert.Equal(isTaken, Faults(new WebhookOptions { Timeout = TimeSpan.FromSeconds(seconds) }).Length == 0);

    private static (string Member, string Message)[] Faults(WebhookOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return [.. results.Select(static result => (result.MemberNames.Single(), result.ErrorMessage!))];
    }
}
