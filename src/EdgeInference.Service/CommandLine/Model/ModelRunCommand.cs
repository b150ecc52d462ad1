using System.CommandLine;
using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Models.Npy;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Service.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Service.CommandLine.Model;

/// <summary><c>model run</c>: feeds tensors into a model and writes every output, to check a translation.</summary>
internal static class ModelRunCommand
{
    private static readonly Option<string[]> InputFlag = new("--input")
    {
        Description = "NAME=TENSOR.npy for each input; NAME= may be left out where there is one",
        Required = true,
    };

    private static readonly Option<string> OutputFlag = new("--output-dir")
    {
        Description = "folder for the outputs, one <output name>.npy each",
        Required = true,
    };

    public static Command Create()
    {
        var run = new Command("run", "Runs a model once on tensors from .npy files and writes every output as a .npy file.")
        {
            ModelCommand.ModelArgument,
            InputFlag,
            OutputFlag,
            ModelCommand.ShapeFlag,
        };
        run.SetAction((parsed, cancellationToken) => ModelCommand.InvokeAsync(() =>
        {
            string[] inputs = parsed.GetValue(InputFlag)!;
            if (Array.Find(inputs, static input => !File.Exists(FileOf(input))) is { } missing)
                throw new FileNotFoundException($"{InputFlag.Name}: there is no file {Path.GetFullPath(FileOf(missing))}");
            return RunAsync(Read(parsed.GetValue(ModelCommand.ModelArgument)!, ModelCommand.ReadOptions(parsed), inputs), inputs, parsed.GetValue(OutputFlag)!, cancellationToken);
        }));
        return run;
    }

    /// <summary>The model; sizes that it leaves open and nobody gives are those of the tensors.</summary>
    private static InferenceModel Read(string path, ModelFileOptions options, string[] inputs)
    {
        bool open = options.InputShapes is not { Count: > 0 };
        try
        {
            InferenceModel model = ModelFile.Read(path, options);
            if (!open || model.Inputs.All(static input => input.IsStatic))
                return model;
        }
        catch (ModelException) when (open)
        {
            // Perhaps for want of the sizes: reading it with them says better what is wrong.
        }

        return ModelFile.Read(path, options with { InputShapes = ShapesOf(inputs) });
    }

    private static string FileOf(string input) => input[(input.LastIndexOf('=') + 1)..];

    /// <summary>The tensors' shapes by the inputs' names; the name is empty where none is given.</summary>
    private static Dictionary<string, long[]> ShapesOf(string[] inputs)
    {
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (string input in inputs)
        {
            int equals = input.LastIndexOf('=');
            shapes[equals < 0 ? "" : input[..equals]] = NpyFile.Read(FileOf(input)).Shape.ToArray();
        }

        return shapes;
    }

    private static async Task<int> RunAsync(InferenceModel model, string[] inputs, string outputFolder, CancellationToken cancellationToken)
    {
        var factory = new OnnxRuntimeEngineFactory(NullLogger<OnnxRuntimeEngineFactory>.Instance);
        using IInferenceEngine engine = factory.Load(model, new EngineOptions { ThreadsPerRequest = Environment.ProcessorCount });
        using var request = new ModelRequest(model, engine);
        FillInputs(model, request, inputs);
        await request.InferAsync(cancellationToken);
        request.Complete();

        Directory.CreateDirectory(outputFolder);
        for (int i = 0; i < model.Outputs.Count; i++)
        {
            string file = Path.Combine(outputFolder, FileNameOf(model.Outputs[i].Name) + ".npy");
            NpyFile.Write(file, request.Outputs[i]);
            await Console.Out.WriteLineAsync($"{model.Outputs[i].Name} [{string.Join(',', request.Outputs[i].Shape.ToArray())}] -> {file}");
        }

        return ExitCode.Done;
    }

    private static void FillInputs(InferenceModel model, ModelRequest request, string[] inputs)
    {
        var missing = model.Inputs.Select(static input => input.Name).ToHashSet(StringComparer.Ordinal);
        foreach (string input in inputs)
        {
            (int index, string file) = Split(model, input);
            TensorConversion.Copy(NpyFile.Read(file), request.Inputs[index], model.Inputs[index], file);
            missing.Remove(model.Inputs[index].Name);
        }

        if (missing.Count > 0)
            throw new InvalidDataException($"--input is missing for {string.Join(", ", missing)}");
    }

    /// <summary>Which of the model's inputs NAME=FILE is for, and the file; an only input needs no name.</summary>
    private static (int Index, string File) Split(InferenceModel model, string input)
    {
        for (int i = 0; i < model.Inputs.Count; i++)
        {
            string prefix = model.Inputs[i].Name + "=";
            if (input.StartsWith(prefix, StringComparison.Ordinal))
                return (i, input[prefix.Length..]);
        }

        if (model.Inputs.Count == 1 && !input.Contains('=', StringComparison.Ordinal))
            return (0, input);
        throw new InvalidDataException($"--input {input}: the model has no such input; its inputs: {string.Join(", ", model.Inputs)}");
    }

    private static string FileNameOf(string output) =>
        string.Concat(output.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));
}
