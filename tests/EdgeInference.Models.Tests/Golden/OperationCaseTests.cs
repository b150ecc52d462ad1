using System.Text.Json;
using EdgeInference.Inference;
using EdgeInference.TestSupport;
using Xunit.Abstractions;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>Small nets, each with what a real engine computed.</summary>
public sealed class OperationCaseTests(ITestOutputHelper output)
{
    [DataTheory]
    [InlineData("legacy")]
    [InlineData("modern")]
    public async Task Read_EveryCase_ComputesWhatTheEngineDidOrIsRefused(string set)
    {
        string folder = TestData.Path($"ops/{set}");
        using JsonDocument cases = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "cases.json")));
        int passed = 0;
        var refused = new List<string>();
        var wrong = new List<string>();
        foreach (JsonElement description in cases.RootElement.EnumerateArray())
        {
            OperationCase operation = OperationCase.Parse(description, folder);
            string? fault;
            try
            {
                fault = await operation.RunAsync();
            }
            catch (ModelException e) when (!e.Message.Contains("ONNX Runtime", StringComparison.Ordinal))
            {
                refused.Add($"{operation.Name}: {e.Message}");
                continue;
            }
            catch (Exception e)
            {
                fault = e.Message;
            }

            if (fault is null)
                passed++;
            else
                wrong.Add($"{operation.Name}: {fault}");
        }

        output.WriteLine($"{set}: {passed} passed, {wrong.Count} wrong, {refused.Count} refused of {cases.RootElement.GetArrayLength()}");
        foreach (string line in wrong)
            output.WriteLine($"WRONG {line}");
        foreach (string line in refused)
            output.WriteLine($"refused {line}");
        Assert.True(passed > 0, "No case ran.");
        Assert.True(wrong.Count == 0, $"{wrong.Count} cases are wrong:\n{string.Join('\n', wrong)}");
    }
}
