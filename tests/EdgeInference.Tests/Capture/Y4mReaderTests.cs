using System.Text;
using EdgeInference.Capture;

namespace EdgeInference.Tests.Capture;

public sealed class Y4mReaderTests
{
    [Fact]
    public void Read_HeaderAndTwoFrames_GivesThem()
    {
        Y4mReader reader = Read("YUV4MPEG2 W4 H2 F25:1 Ip A0:0 C420jpeg XYSCSS=420JPEG\nFRAME\nabcFRAME\ndef");
        byte[] planes = new byte[3];

        Assert.Equal((4, 2), reader.ReadHeader());
        Assert.True(reader.ReadMarker());
        Assert.True(reader.ReadPlanes(planes));
        Assert.Equal("abc"u8, planes);
        Assert.True(reader.ReadMarker());
        Assert.True(reader.ReadPlanes(planes));
        Assert.Equal("def"u8, planes);
        Assert.False(reader.ReadMarker());
    }

    [Theory]
    [InlineData("")]
    [InlineData("YUV4MPEG2 W4 H2")]
    public void ReadHeader_StreamEndsEarly_GivesNull(string text) => Assert.Null(Read(text).ReadHeader());

    [Theory]
    [InlineData("YUV4MPEG3 W4 H2\n")]
    [InlineData("YUV4MPEG2 W4\n")]
    [InlineData("YUV4MPEG2 W0 H2\n")]
    [InlineData("YUV4MPEG2 W-4 H2\n")]
    [InlineData("YUV4MPEG2 W99999 H2\n")]
    public void ReadHeader_OtherText_Throws(string text) =>
        Assert.Throws<InvalidDataException>(() => Read(text).ReadHeader());

    [Fact]
    public void ReadHeader_NoLineEnd_ThrowsSoon() =>
        Assert.Throws<InvalidDataException>(() => Read(new string('x', 2000)).ReadHeader());

    [Fact]
    public void ReadMarker_OtherText_Throws() => Assert.Throws<InvalidDataException>(() => Read("FRAMEx").ReadMarker());

    [Fact]
    public void ReadPlanes_StreamEndsWithin_GivesFalse() => Assert.False(Read("ab").ReadPlanes(new byte[3]));

    private static Y4mReader Read(string text) => new(new MemoryStream(Encoding.ASCII.GetBytes(text)));
}
