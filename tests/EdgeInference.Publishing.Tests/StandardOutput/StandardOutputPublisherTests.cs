using System.Text;
using EdgeInference.Publishing.StandardOutput;

namespace EdgeInference.Publishing.Tests.StandardOutput;

public sealed class StandardOutputPublisherTests
{
    [Fact]
    public async Task PublishAsync_Results_WritesOneLineEach()
    {
        using var output = new MemoryStream();
        await using var publisher = new StandardOutputPublisher(output);

        await publisher.PublishAsync(TestReports.WithJpeg(null), CancellationToken.None);
        await publisher.PublishAsync(TestReports.WithJpeg(null) with { Payload = "{}"u8.ToArray() }, CancellationToken.None);

        Assert.Equal("{\"frame_id\":1}\n{}\n", Encoding.UTF8.GetString(output.ToArray()));
    }
}
