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
    public async Task Read_EveryCase_ComputesWhatTheEngineDidOrIsRefused(string set) =>
        await AssertNoneWrong(set, OperationCase.ReadAll(TestData.Path($"ops/{set}")), static operation => operation.RunAsync());

    [DataFact]
    public async Task Read_OpenSizesLeftOpen_ComputesWhatTheEngineDidOrIsRefused()
    {
        OperationCase[] open = [.. OperationCase.ReadAll(TestData.Path("ops/modern")).Where(static operation => operation.HasOpenInputs)];
        await AssertNoneWrong("open sizes", open, static operation => operation.RunAsync(giveShapes: false));
    }

    private async Task AssertNoneWrong(string set, IReadOnlyList<OperationCase> cases, Func<OperationCase, Task<string?>> run)
    {
        var passed = new List<OperationCase>();
        var refused = new List<string>();
        var wrong = new List<string>();
        foreach (OperationCase operation in cases)
        {
            string? fault;
            try
            {
                fault = await run(operation);
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
                passed.Add(operation);
            else
                wrong.Add($"{operation.Name}: {fault}");
        }

        output.WriteLine($"{set}: {passed.Count} passed, {wrong.Count} wrong, {refused.Count} refused of {cases.Count}");
        foreach (IGrouping<int, OperationCase> version in cases.GroupBy(static c => c.IrVersion).OrderBy(static g => g.Key))
            output.WriteLine($"  IR v{version.Key,-2}  {version.Count(passed.Contains),3} of {version.Count(),3}");
        foreach (string line in wrong)
            output.WriteLine($"WRONG {line}");
        foreach (string line in refused)
            output.WriteLine($"refused {line}");
        Assert.True(wrong.Count == 0, $"{wrong.Count} cases are wrong:\n{string.Join('\n', wrong)}");
    }
}
