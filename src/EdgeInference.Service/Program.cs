using System.CommandLine;
using EdgeInference.Service.CommandLine;
using EdgeInference.Service.CommandLine.Model;
using EdgeInference.Service.Logging;
using EdgeInference.Service.Streams;

RootCommand root = RunCommand.MakeRun(new RootCommand("EdgeInference: classification and detection on video streams, reported to where you need them.")
{
    RunCommand.CreateRun(),
    RunCommand.CreateCheck(),
    ModelCommand.Create(),
    DevicesCommand.Create(),
    OutboxCommand.Create(),
});

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    // Some of the library's messages have several lines.
    string errors = string.Join(' ', parsed.Errors.SelectMany(static error => error.Message.Split((char[])['\n', '\t'], StringSplitOptions.RemoveEmptyEntries)));
    await StandardError.WriteErrorAsync($"{errors} See edge-inference --help");
    return ExitCode.WrongCommandLine;
}

// The host handles the signals that stop the service: the library would end it by force, two seconds later.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
