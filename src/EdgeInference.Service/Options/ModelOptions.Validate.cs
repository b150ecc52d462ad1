using System.ComponentModel.DataAnnotations;
using EdgeInference.Models;

namespace EdgeInference.Service.Options;

public sealed partial class ModelOptions : IValidatableObject
{
    /// <summary>What of this concerns the reading of the file; frames are made into floats, and functions read floats.</summary>
    internal ModelFileOptions FileOptions => new()
    {
        FloatInterface = true,
        InputShapes = InputShape.Length == 0 ? null : new Dictionary<string, long[]>(StringComparer.Ordinal) { [""] = Array.ConvertAll(InputShape, static size => (long)size) },
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (InputShape.Any(static size => size < 1))
            yield return new ValidationResult("must be sizes of 1 or more, such as 1,3,300,300", [nameof(InputShape)]);
    }
}
