using EdgeInference.Inference;
using EdgeInference.Preprocessing;

namespace EdgeInference.Tests.Preprocessing;

public class ImageInputTests
{
    [Theory]
    [InlineData(TensorLayout.Auto, false, 3, 384L, 672L, 1L, 3L, 384L, 672L)]
    [InlineData(TensorLayout.Auto, false, 3, 30L, 3L, -1L, 3L, 30L, 3L)]
    [InlineData(TensorLayout.Auto, false, 1, 30L, 40L, 1L, 1L, 30L, 40L)]
    [InlineData(TensorLayout.Auto, true, 3, 30L, 40L, 1L, 30L, 40L, 3L)]
    [InlineData(TensorLayout.Auto, true, 1, null, null, 1L, -1L, -1L, 1L)]
    [InlineData(TensorLayout.Nhwc, true, 3, 3L, 40L, 1L, 3L, 40L, 3L)]
    [InlineData(TensorLayout.Nchw, false, 3, null, 40L, 1L, 3L, -1L, 40L)]
    public void Create_Picture_ReadsItsLayout(TensorLayout layout, bool isNhwc, int channels, long? height, long? width, params long[] shape)
    {
        var input = ImageInput.Create(new("data", TensorElementType.UInt8, shape), new() { Layout = layout });

        Assert.Equal(new ImageInput(TensorElementType.UInt8, isNhwc, channels, (int?)height, (int?)width), input);
    }

    [Theory]
    [InlineData(TensorElementType.Float16, TensorLayout.Auto, "Float32 or UInt8", 1L, 3L, 30L, 40L)]
    [InlineData(TensorElementType.Float32, TensorLayout.Auto, "four dimensions", 3L, 30L, 40L)]
    [InlineData(TensorElementType.Float32, TensorLayout.Auto, "batch", 2L, 3L, 30L, 40L)]
    [InlineData(TensorElementType.Float32, TensorLayout.Auto, "3 or 1", 1L, 4L, 30L, 40L)]
    [InlineData(TensorElementType.Float32, TensorLayout.Auto, "3 or 1", 1L, -1L, 30L, 40L)]
    [InlineData(TensorElementType.Float32, TensorLayout.Nhwc, "Nhwc", 1L, 3L, 30L, 40L)]
    [InlineData(TensorElementType.Float32, TensorLayout.Auto, "height and width", 1L, 3L, 0L, 40L)]
    [InlineData(TensorElementType.Float32, TensorLayout.Auto, "height and width", 1L, 3L, 30L, 100_000L)]
    public void Create_NoPicture_NamesInputShapeAndReason(TensorElementType type, TensorLayout layout, string reason, params long[] shape)
    {
        var info = new TensorInfo("data", type, shape);

        string message = Assert.Throws<ModelException>(() => new Preprocessor(new() { Layout = layout }, info)).Message;

        Assert.Contains(info.ToString(), message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_SeveralMeansForOneChannel_IsRefused()
    {
        var info = new TensorInfo("data", TensorElementType.Float32, [1, 1, 30, 40]);

        Assert.Throws<ModelException>(() => new Preprocessor(new() { Mean = [1, 2, 3] }, info));
        Assert.NotNull(new Preprocessor(new() { Mean = [1] }, info));
    }
}
