using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Preprocessing;
using EdgeInference.Preprocessing.Kernels;
using FsCheck.Xunit;

namespace EdgeInference.Tests.Preprocessing;

public class PreprocessorPropertyTests
{
    /// <summary>Single precision against double, in levels: the levels themselves are whole numbers and must agree.</summary>
    private const double Tolerance = 1e-4;

    private static IEnumerable<SimdLevel> Levels => Enum.GetValues<SimdLevel>().Where(static level => level <= SimdLevels.Best);

    [Property(Arbitrary = [typeof(PreprocessingCases)], MaxTest = 400)]
    public void Run_AnyFrameAndInput_EqualsTheReference(PreprocessingCase @case)
    {
        PreprocessingOptions options = @case.CreateOptions();
        using Frame frame = @case.CreateFrame();
        (int width, int height) = @case.Target;
        double[] expected = new double[@case.Channels * width * height];
        ReferencePreprocessor.Run(frame, options, @case.Channels, width, height, @case.IsNhwc, expected);

        foreach (SimdLevel level in Levels)
        {
            var tensor = new Tensor(@case.ElementType, 1);
            new Preprocessor(options, @case.Input, level).Run(frame, tensor);
            Assert.Equal(@case.IsNhwc ? [1, height, width, @case.Channels] : [1, @case.Channels, height, width], tensor.Shape.ToArray());
            AssertClose(expected, tensor, Tolerance * options.Scale.Append(1).Max(Math.Abs));
        }
    }

    [Property(Arbitrary = [typeof(PreprocessingCases)], MaxTest = 100)]
    public void Run_SameFrameTwiceAmongOthers_GivesTheSame(PreprocessingCase first, PreprocessingCase second)
    {
        var preprocessor = new Preprocessor(first.CreateOptions(), first.Input);
        using Frame frame = first.CreateFrame();
        using Frame other = second.CreateFrame();
        var tensor = new Tensor(first.ElementType, 1);

        preprocessor.Run(frame, tensor);
        byte[] alone = tensor.Bytes.ToArray();
        preprocessor.Run(other, tensor);
        preprocessor.Run(frame, tensor);

        Assert.Equal(alone, tensor.Bytes.ToArray());
    }

    private static void AssertClose(double[] expected, Tensor tensor, double tolerance)
    {
        Assert.Equal(expected.Length, tensor.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            bool isByte = tensor.ElementType == TensorElementType.UInt8;
            double actual = isByte ? tensor.Bytes[i] : tensor.Elements<float>()[i];
            double wanted = isByte ? Math.Clamp(expected[i], 0, 255) : expected[i];
            double allowed = isByte ? 0.5 + tolerance : tolerance;
            if (!(Math.Abs(wanted - actual) <= allowed))
                Assert.Fail($"Element {i} is {actual}, should be {wanted} +- {allowed}.");
        }
    }
}
