using System.ComponentModel.DataAnnotations;
using System.Net.Http.Headers;
using System.Text;

namespace EdgeInference.Publishing.Webhook;

/// <summary>Posts the JSON of each report to a web server, with X-Report-Id (the same when it is sent again), X-Stream and X-Model.</summary>
public sealed class WebhookOptions : PublisherOptions, IValidatableObject
{
    /// <summary>Whether reports are posted to <see cref="Url"/>.</summary>
    public override bool? Enabled { get; set; } = false;

    /// <summary>The https:// address. It may hold a token: logs and messages show its host only. Required when enabled.</summary>
    public string? Url { get; set; }

    /// <summary>Value of the Authorization header, such as "Bearer" and a token; best set in the environment. Default: no such header.</summary>
    public string? Authorization { get; set; }

    /// <summary>Allows http:// to other machines, which shows reports and tokens to whoever listens on the way.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>How long the server may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    // Neither rule may repeat a value that can be a secret.
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        bool isUrl = Uri.TryCreate(Url, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0;
        if (Enabled == true && !isUrl)
            yield return new ValidationResult("must be an http:// or https:// address, without a user name and password, when the publisher is enabled", [nameof(Url)]);
        else if (Enabled == true && url!.Scheme == "http" && !url.IsLoopback && !AllowHttp)
            yield return new ValidationResult("is http:// to another machine, where anybody on the way can read it: use https://, or set AllowHttp", [nameof(Url)]);
        if (Authorization is not null && !(Ascii.IsValid(Authorization) && AuthenticationHeaderValue.TryParse(Authorization, out _)))
            yield return new ValidationResult("is not the value of an Authorization header, such as \"Bearer\" and a token", [nameof(Authorization)]);
    }
}
