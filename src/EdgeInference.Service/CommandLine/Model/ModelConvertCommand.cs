using System.CommandLine;
using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Service.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Service.CommandLine.Model;

/// <summary><c>model convert</c>: makes an .onnx file of an IR.</summary>
internal static class ModelConvertCommand
{
    private static readonly Option<string> OutputFlag = new("--output", "-o")
    {
        Description = "the .onnx file to write",
        Required = true,
    };

    private static readonly Option<bool> ForceFlag = new("--force") { Description = "replace the file if it is there" };

    public static Command Create()
    {
        var command = new Command("convert", "Makes an ONNX file of an OpenVINO IR, for this program and for others.")
        {
            ModelCommand.ModelArgument,
            OutputFlag,
            ForceFlag,
            ModelCommand.ShapeFlag,
        };
        command.SetAction((parsed, _) => ModelCommand.InvokeAsync(() => ConvertAsync(
            parsed.GetValue(ModelCommand.ModelArgument)!, parsed.GetValue(OutputFlag)!, parsed.GetValue(ForceFlag), ModelCommand.ReadOptions(parsed))));
        return command;
    }

    private static async Task<int> ConvertAsync(string path, string target, bool replace, ModelFileOptions options)
    {
        if (!string.Equals(Path.GetExtension(target), ".onnx", StringComparison.OrdinalIgnoreCase))
            throw new InvalidDataException($"--output {target}: the name of an ONNX file ends in .onnx");
        if (!replace && File.Exists(target))
            throw new IOException($"{target} is there already; --force replaces it");
        if (Path.GetDirectoryName(Path.GetFullPath(target)) is var folder && !Directory.Exists(folder))
            throw new DirectoryNotFoundException($"--output {target}: there is no folder {folder}");

        ConvertedModel converted = ModelFile.Convert(path, options);
        string temporary = $"{target[..^".onnx".Length]}.{Path.GetRandomFileName()}.onnx";
        try
        {
            await using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write))
                await file.WriteAsync(converted.Onnx);
            Try(temporary);
            File.Move(temporary, target, replace);
        }
        finally
        {
            File.Delete(temporary);
        }

        Console.WriteLine($"{path} -> {target} ({FileSize.Describe(converted.Onnx.Length)}, opset {converted.Opset})");
        WriteTensors("inputs", converted.Inputs);
        WriteTensors("outputs", converted.Outputs);
        foreach (string detection in converted.DetectionOutputs)
            Console.WriteLine($"DetectionOutput '{detection}' has no like in ONNX: the file puts out its locations, scores and priors instead, and has its attributes in the metadata. This program reads them there and gives the detections as before; another one has to decode the boxes itself.");
        return ExitCode.Done;
    }

    /// <summary>Reads the file back and lets the engine take it, before it gets the name that others look for.</summary>
    private static void Try(string path)
    {
        var factory = new OnnxRuntimeEngineFactory(NullLogger<OnnxRuntimeEngineFactory>.Instance);
        using IInferenceEngine engine = factory.Load(ModelFile.Read(path), new EngineOptions());
    }

    private static void WriteTensors(string what, IReadOnlyList<TensorInfo> tensors)
    {
        foreach (TensorInfo tensor in tensors)
        {
            Console.WriteLine($"  {what,-8} {tensor}");
            what = "";
        }
    }
}
