using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Publishing.Webhook;

/// <summary>Posts the JSON of each report to a web server, with X-Report-Id (the same when it is sent again), X-Stream and X-Model.</summary>
public sealed class WebhookOptions : PublisherOptions, IWebOptions
{
    /// <summary>Whether reports are posted to <see cref="Url"/>.</summary>
    public override bool? Enabled { get; set; } = false;

    /// <summary>The https:// address. It may hold a token: logs and messages show its host only. Required when enabled.</summary>
    [WebAddress(IsRequired = true, TakesQuery = true)]
    public string? Url { get; set; }

    /// <summary>Value of the Authorization header, such as "Bearer" and a token; best set in the environment. Default: no such header.</summary>
    [AuthorizationHeader]
    public string? Authorization { get; set; }

    /// <summary>Allows http:// to other machines, which shows reports and tokens to whoever listens on the way.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>How long the server may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);
}
