using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Capture;

public sealed partial class SourceOptions : IValidatableObject
{
    /// <summary>The rules across fields. Looks at no file or device: what exists is found out when the stream starts.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(Input))
            yield break;
        if (SourceAddress.FindFault(Input) is { } fault)
        {
            yield return new ValidationResult(fault, [nameof(Input)]);
            yield break;
        }

        SourceKind kind = SourceAddress.Parse(Input).Kind;
        if (kind != SourceKind.Camera)
        {
            if (Format is not null)
                yield return new ValidationResult($"{nameof(Format)} is for cameras only.", [nameof(Format)]);
            if (Size is not null)
                yield return new ValidationResult($"{nameof(Size)} is for cameras only.", [nameof(Size)]);
        }

        if (kind is SourceKind.Rtsp or SourceKind.Http && Rate is not null)
            yield return new ValidationResult($"{nameof(Rate)} is for cameras and image folders only.", [nameof(Rate)]);

        if (kind != SourceKind.File)
        {
            if (Loop)
                yield return new ValidationResult($"{nameof(Loop)} is for files and image folders only.", [nameof(Loop)]);
            if (RealTime)
                yield return new ValidationResult($"{nameof(RealTime)} is for files and image folders only.", [nameof(RealTime)]);
        }

        if (Decoder == VideoDecoder.Vaapi && string.IsNullOrWhiteSpace(VaapiDevice))
        {
            yield return new ValidationResult(
                $"{nameof(VaapiDevice)} is required where {nameof(Decoder)} is {VideoDecoder.Vaapi}.", [nameof(VaapiDevice)]);
        }
    }
}
