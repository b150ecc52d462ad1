using EdgeInference.Service.CommandLine;
using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.Tests.CommandLine;

public sealed class ReadFileTests
{
    [Theory]
    [InlineData("tea4two", "line 2 is not valid JSON: a value is an invalid JSON literal. Expected the literal 'true'.")]
    [InlineData("nul' is 'tea4two", "line 2 is not valid JSON: a value is an invalid JSON literal. Expected the literal 'null'.")]
    [InlineData("xtea4two", "line 2 is not valid JSON: 'x' is an invalid start of a value.")]
    public void ReadFile_PasswordWithoutQuotationMarks_NamesTheLineAndNotThePassword(string password, string message)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, $"{{ \"EdgeInference\": {{\n\"Password\": {password} }} }}");

            ConfigurationFault fault = Assert.Single(Assert.Throws<ConfigurationException>(() => RunCommand.ReadFile(path)).Faults);

            Assert.Equal(message, fault.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
