using EdgeInference.Inference;
using EdgeInference.TestSupport;
using Xunit.Abstractions;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>Small nets, each with what a real engine computed.</summary>
public sealed class OperationCaseTests(ITestOutputHelper output)
{
    private const string Document = "docs/models.md";

    [DataTheory]
    [InlineData("legacy")]
    [InlineData("modern")]
    public async Task Read_EveryCase_ComputesWhatTheEngineDid(string set)
    {
        IReadOnlyList<OperationCase> cases = OperationCase.ReadAll(TestData.Path($"ops/{set}"));

        IReadOnlyList<string> refused = await AssertNoneWrongAsync(set, cases, static operation => operation.RunAsync());

        IEnumerable<string> documented = ReadDocumentedGaps().Intersect(cases.Select(static operation => operation.Name), StringComparer.Ordinal);
        Assert.Equal(documented.Order(StringComparer.Ordinal), refused.Order(StringComparer.Ordinal));
    }

    [DataFact]
    public async Task Read_OpenSizesLeftOpen_ComputesWhatTheEngineDidOrIsRefused()
    {
        OperationCase[] open = [.. OperationCase.ReadAll(TestData.Path("ops/modern")).Where(static operation => operation.HasOpenInputs)];
        await AssertNoneWrongAsync("open sizes", open, static operation => operation.RunAsync(giveShapes: false));
    }

    /// <summary>The recorded nets that the document names as refused: first column of its table.</summary>
    private static IEnumerable<string> ReadDocumentedGaps() =>
        from line in File.ReadLines(TestData.InRepository(Document))
        where line.StartsWith("| `", StringComparison.Ordinal)
        from name in line.Split('|')[1].Split(',')
        select name.Trim(' ', '`');

    /// <returns>The names of the cases that are refused.</returns>
    private async Task<IReadOnlyList<string>> AssertNoneWrongAsync(string set, IReadOnlyList<OperationCase> cases, Func<OperationCase, Task<string?>> run)
    {
        var passed = new List<OperationCase>();
        var refused = new Dictionary<string, string>(StringComparer.Ordinal);
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
                refused.Add(operation.Name, e.Message);
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
        foreach ((string name, string reason) in refused)
            output.WriteLine($"refused {name}: {reason}");
        Assert.True(wrong.Count == 0, $"{wrong.Count} cases are wrong:\n{string.Join('\n', wrong)}");
        return [.. refused.Keys];
    }
}
