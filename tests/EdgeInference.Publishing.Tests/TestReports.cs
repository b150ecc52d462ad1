using System.Globalization;
using System.Text;

namespace EdgeInference.Publishing.Tests;

internal static class TestReports
{
    public static Report WithJpeg(byte[]? jpeg) => new()
    {
        Id = new Guid("019c1234-0000-7000-8000-000000000001"),
        Stream = "line1",
        Model = "m",
        Kind = ReportKind.Result,
        Timestamp = new DateTimeOffset(2026, 1, 31, 12, 34, 56, 789, 12, TimeSpan.Zero),
        Topic = "openvino/ssd",
        Payload = "{\"frame_id\":1}"u8.ToArray(),
        Summary = "frame 1: nothing",
        Jpeg = jpeg is null ? null : (ReadOnlyMemory<byte>?)jpeg,
    };

    /// <summary>A report that is told from others by its number.</summary>
    public static Report Numbered(int number, string stream = "line1", int jpegBytes = 0) => WithJpeg(jpegBytes == 0 ? null : new byte[jpegBytes]) with
    {
        Id = Guid.CreateVersion7(),
        Stream = stream,
        Payload = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"frame_id\":{number}}}")),
        Summary = number.ToString(CultureInfo.InvariantCulture),
    };
}
