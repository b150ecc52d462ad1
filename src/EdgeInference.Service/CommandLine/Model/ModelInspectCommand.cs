using System.CommandLine;
using EdgeInference.Models;
using EdgeInference.Models.Inspection;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Service.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Service.CommandLine.Model;

/// <summary><c>model inspect</c>: what is in a model file, whether it can be run here, and what that takes.</summary>
internal static class ModelInspectCommand
{
    public static Command Create()
    {
        var command = new Command("inspect", "Tells what is in a model file, whether it can be run here (exit code 0, else 1), and what that takes.")
        {
            ModelCommand.ModelArgument,
            ModelCommand.ShapeFlag,
            ModelCommand.FormatFlag,
        };
        command.SetAction((parsed, _) => ModelCommand.InvokeAsync(() => Task.FromResult(Inspect(
            parsed.GetValue(ModelCommand.ModelArgument)!, ModelCommand.ReadOptions(parsed), ModelCommand.IsJson(parsed)))));
        return command;
    }

    private static int Inspect(string path, ModelFileOptions options, bool json)
    {
        var inspector = new ModelInspector(new OnnxRuntimeEngineFactory(NullLogger<OnnxRuntimeEngineFactory>.Instance));
        ModelInspection inspection = inspector.Inspect(path, options);
        if (json)
            ModelCommand.WriteJson(inspection);
        else
            new InspectionText(Console.Out).Write(inspection);
        return inspection.Refusal is null ? ExitCode.Done : ExitCode.Failed;
    }
}
