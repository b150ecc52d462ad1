using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Publishing;

/// <summary>Options of a publisher that sends over HTTP.</summary>
internal interface IWebOptions
{
    bool? Enabled { get; }

    /// <summary>Whether http:// is allowed to other machines.</summary>
    bool AllowHttp { get; }
}

/// <summary>
/// Checks that an option of <see cref="IWebOptions"/> is an http or https address without a user, and that it is https, this machine, or
/// allowed. One that is off may have a placeholder there. No message repeats the address, which can be a secret.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WebAddressAttribute : ValidationAttribute
{
    /// <summary>Whether it is required when the publisher is enabled.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether it may have a query or a fragment.</summary>
    public bool TakesQuery { get; init; }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var options = (IWebOptions)validationContext.ObjectInstance;
        if (options.Enabled != true)
            return null;
        if (value is not string text)
            return IsRequired ? Fault("must be an http:// or https:// address when the publisher is enabled") : null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
            || url.Scheme is not ("http" or "https")
            || url.UserInfo.Length > 0
            || (!TakesQuery && url is not { Query: "", Fragment: "" }))
        {
            return Fault($"must be an http:// or https:// address, without a user name and password{(TakesQuery ? "" : ", '?' and '#'")}");
        }

        return url.Scheme == "http" && !url.IsLoopback && !options.AllowHttp
            ? Fault("is http:// to another machine, where anybody on the way can read reports, pictures and tokens: use https://, or set AllowHttp")
            : null;

        ValidationResult Fault(string message) => new(message, [validationContext.MemberName!]);
    }
}
