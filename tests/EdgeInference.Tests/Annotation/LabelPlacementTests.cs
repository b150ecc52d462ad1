using EdgeInference.Annotation;
using FsCheck;
using FsCheck.Xunit;

namespace EdgeInference.Tests.Annotation;

public sealed class LabelPlacementTests
{
    private static readonly PixelRect Frame = new(0, 0, 640, 361);

    [Fact]
    public void Place_RoomAbove_IsAbove() =>
        Assert.Equal(new PixelRect(100, 80, 180, 100), Place(new PixelRect(100, 100, 200, 200)));

    [Fact]
    public void Place_BoxAtTheTop_IsBelow() =>
        Assert.Equal(new PixelRect(100, 200, 180, 220), Place(new PixelRect(100, 10, 200, 200)));

    [Fact]
    public void Place_BoxOfFullHeight_IsInside() =>
        Assert.Equal(new PixelRect(100, 0, 180, 20), Place(new PixelRect(100, 0, 200, 361)));

    [Fact]
    public void Place_BoxAtTheRight_MovesLeft() =>
        Assert.Equal(new PixelRect(560, 80, 640, 100), Place(new PixelRect(620, 100, 640, 200)));

    [Fact]
    public void Place_LabelInTheWay_TakesTheNextPlace() =>
        Assert.Equal(new PixelRect(100, 200, 180, 220), Place(new PixelRect(100, 100, 200, 200), new PixelRect(150, 90, 200, 110)));

    [Fact]
    public void Place_NoFreePlace_StaysInTheFrame() =>
        Assert.Equal(new PixelRect(100, 0, 180, 20), Place(new PixelRect(100, 10, 200, 200), Frame));

    [Fact]
    public void Place_FrameSmallerThanTheLabel_StartsAtItsCorner() => Assert.Equal(
        new PixelRect(0, 0, 80, 20), LabelPlacement.Place(new PixelRect(2, 2, 4, 4), 80, 20, new PixelRect(0, 0, 16, 16), []));

    [Property(MaxTest = 500)]
    public bool Place_AnyBoxes_StaysInTheFrameOnEvenPixels(NonNegativeInt[] corners)
    {
        var taken = new List<PixelRect>();
        for (int i = 0; i + 3 < corners.Length; i += 4)
        {
            int left = corners[i].Get * 14 % 640, top = corners[i + 1].Get * 14 % 360;
            var box = new PixelRect(left, top, Math.Min(640, left + 2 + (corners[i + 2].Get * 14)), Math.Min(360, top + 2 + (corners[i + 3].Get * 14)));
            taken.Add(LabelPlacement.Place(box, 80, 20, Frame, taken));
        }

        return taken.All(static label => label.Clip(640, 361) == label && label.Left % 2 == 0 && label.Top % 2 == 0);
    }

    private static PixelRect Place(PixelRect box, params PixelRect[] taken) => LabelPlacement.Place(box, 80, 20, Frame, taken);
}
