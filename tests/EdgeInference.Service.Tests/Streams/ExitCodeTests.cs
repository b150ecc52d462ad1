using EdgeInference.Service.Streams;

namespace EdgeInference.Service.Tests.Streams;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(0, false, StreamOutcome.Done, StreamOutcome.Done)]
    [InlineData(78, false, StreamOutcome.CouldNotStart, StreamOutcome.CouldNotStart)]
    [InlineData(0, true, StreamOutcome.CouldNotStart, StreamOutcome.CouldNotStart)]
    [InlineData(1, false, StreamOutcome.Done, StreamOutcome.CouldNotStart)]
    [InlineData(1, false, StreamOutcome.Done, StreamOutcome.Failed)]
    [InlineData(0, true, StreamOutcome.Done, StreamOutcome.CouldNotStart)]
    [InlineData(0, true, StreamOutcome.Done, StreamOutcome.Failed)]
    internal void Of_Outcomes_IsAsDocumented(int expected, bool stopped, StreamOutcome first, StreamOutcome second) =>
        Assert.Equal(expected, ExitCode.Of([first, second], stopped));
}
