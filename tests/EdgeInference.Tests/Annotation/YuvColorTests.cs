using EdgeInference.Annotation;
using EdgeInference.Frames;

namespace EdgeInference.Tests.Annotation;

public sealed class YuvColorTests
{
    // The values of the recommendations' colour bars.
    [Theory]
    [InlineData(255, 0, 0, ColorMatrix.Bt601, ColorRange.Limited, 81, 90, 240)]
    [InlineData(0, 255, 0, ColorMatrix.Bt601, ColorRange.Limited, 145, 54, 34)]
    [InlineData(255, 0, 0, ColorMatrix.Bt709, ColorRange.Limited, 63, 102, 240)]
    [InlineData(0, 0, 255, ColorMatrix.Bt709, ColorRange.Limited, 32, 240, 118)]
    [InlineData(255, 0, 0, ColorMatrix.Bt601, ColorRange.Full, 76, 85, 255)]
    [InlineData(255, 255, 255, ColorMatrix.Bt601, ColorRange.Limited, 235, 128, 128)]
    [InlineData(255, 255, 255, ColorMatrix.Bt709, ColorRange.Full, 255, 128, 128)]
    [InlineData(0, 0, 0, ColorMatrix.Bt709, ColorRange.Limited, 16, 128, 128)]
    public void From_Rgb_FollowsMatrixAndRange(byte r, byte g, byte b, ColorMatrix matrix, ColorRange range, byte y, byte u, byte v) =>
        Assert.Equal(new YuvColor(y, u, v), YuvColor.From(new RgbColor(r, g, b), matrix, range));

    [Fact]
    public void ForClass_AnyNumber_HasInkThatStandsOut()
    {
        foreach (int classId in new[] { int.MinValue, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, int.MaxValue })
        {
            RgbColor color = Palette.ForClass(classId);
            Assert.True(Math.Abs(color.Luma(ColorMatrix.Bt709) - Palette.InkOn(color).Luma(ColorMatrix.Bt709)) > 0.45);
        }
    }
}
