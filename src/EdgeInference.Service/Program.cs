using System.CommandLine;
using EdgeInference.Service.CommandLine;
using EdgeInference.Service.Streams;

var run = RunCommand.CreateRun();
var root = new RootCommand("EdgeInference: classification and detection on video streams, reported to where you need them.")
{
    run,
    RunCommand.CreateCheck(),
    ModelCommand.Create(),
};
root.Action = run.Action;

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count == 0)
    return await parsed.InvokeAsync();
foreach (var error in parsed.Errors)
    await Console.Error.WriteLineAsync($"edge-inference: {error.Message}");
await Console.Error.WriteLineAsync("edge-inference: see edge-inference --help");
return ExitCode.WrongCommandLine;
