using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Preprocessing;

public sealed partial class PreprocessingOptions : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Enum.IsDefined(ColorOrder))
            yield return Fault(nameof(ColorOrder), "must be Bgr or Rgb");
        if (!Enum.IsDefined(Layout))
            yield return Fault(nameof(Layout), "must be Auto, Nchw or Nhwc");
        if (Mean.Length is not (0 or 1 or 3) || !Mean.All(float.IsFinite))
            yield return Fault(nameof(Mean), "must have none, one or three values, all of them finite");
        if (Scale.Length is not (0 or 1 or 3) || !Scale.All(static scale => float.IsFinite(scale) && scale != 0))
            yield return Fault(nameof(Scale), "must have none, one or three values, all of them finite and not 0");
    }

    private static ValidationResult Fault(string option, string rule) => new($"{option} {rule}.", [option]);
}
