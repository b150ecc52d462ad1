using System.ComponentModel.DataAnnotations;
using EdgeInference.Preprocessing;

namespace EdgeInference.Tests.Preprocessing;

public class PreprocessingOptionsTests
{
    public static TheoryData<float[], float[]> Valid => new()
    {
        { [], [] },
        { [127.5f], [0.007843f] },
        { [104, 117, 123], [-1, 0.5f, 255] },
    };

    public static TheoryData<float[], float[], string[]> Invalid => new()
    {
        { [1, 2], [1], [nameof(PreprocessingOptions.Mean)] },
        { [float.NaN], [1], [nameof(PreprocessingOptions.Mean)] },
        { [1], [1, 2, 3, 4], [nameof(PreprocessingOptions.Scale)] },
        { [1], [1, 0, 1], [nameof(PreprocessingOptions.Scale)] },
        { [1, 2], [float.PositiveInfinity], [nameof(PreprocessingOptions.Mean), nameof(PreprocessingOptions.Scale)] },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void Validate_ValuesPerChannel_Accepts(float[] mean, float[] scale) =>
        Assert.Empty(FaultyMembers(new() { Mean = mean, Scale = scale }));

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Validate_WrongValues_NamesEachOption(float[] mean, float[] scale, string[] members) =>
        Assert.Equal(members, FaultyMembers(new() { Mean = mean, Scale = scale }));

    [Fact]
    public void Validate_UnknownEnumValues_NamesEachOption() =>
        Assert.Equal(
            [nameof(PreprocessingOptions.ColorOrder), nameof(PreprocessingOptions.Layout)],
            FaultyMembers(new() { ColorOrder = (ColorOrder)7, Layout = (TensorLayout)7 }));

    private static string[] FaultyMembers(PreprocessingOptions options)
    {
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
        return [.. faults.SelectMany(static fault => fault.MemberNames)];
    }
}
