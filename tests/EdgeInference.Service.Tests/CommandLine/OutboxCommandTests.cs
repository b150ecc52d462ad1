using EdgeInference.Service.CommandLine;

namespace EdgeInference.Service.Tests.CommandLine;

public sealed class OutboxCommandTests
{
    [Theory]
    [InlineData("retry no-id", "'no-id' is not the id of a report")]
    [InlineData("purge 123", "'123' is not the id of a report")]
    public void Parse_IdIsWrong_IsAnErrorOfTheCommandLine(string command, string message) =>
        Assert.Contains(message, Assert.Single(OutboxCommand.Create().Parse(command).Errors).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("retry", "--all")]
    [InlineData("purge", "--all")]
    [InlineData("purge --waiting", "--publisher")]
    [InlineData("purge --waiting --publisher Mqtt --all", "--all")]
    [InlineData("purge --waiting --publisher Mqtt 0197a0e2-7c9c-7bd4-8f86-6e2f0b7e2f11", "an id")]
    public void Parse_ChoiceIsMissingOrTooMuch_IsAnErrorOfTheCommandLine(string command, string message) =>
        Assert.Contains(message, Assert.Single(OutboxCommand.Create().Parse(command).Errors).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("retry --all")]
    [InlineData("purge --stream line1")]
    [InlineData("purge --waiting --publisher Mqtt")]
    [InlineData("retry 0197a0e2-7c9c-7bd4-8f86-6e2f0b7e2f11")]
    public void Parse_ChoiceIsMade_IsFine(string command) => Assert.Empty(OutboxCommand.Create().Parse(command).Errors);
}
