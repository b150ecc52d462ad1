using System.ComponentModel.DataAnnotations;
using System.Net.Http.Headers;
using System.Text;

namespace EdgeInference.Publishing;

/// <summary>Checks that an option is the value of an Authorization header. The message does not repeat it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AuthorizationHeaderAttribute() : ValidationAttribute("is not the value of an Authorization header, such as \"Bearer\" and a token")
{
    public override bool IsValid(object? value) =>
        value is not string text || (Ascii.IsValid(text) && AuthenticationHeaderValue.TryParse(text, out _));
}
