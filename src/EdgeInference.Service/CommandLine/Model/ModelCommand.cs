using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Service.Streams;

namespace EdgeInference.Service.CommandLine.Model;

/// <summary><c>model</c>: what is done with model files without a stream. Here is what its verbs have in common.</summary>
internal static class ModelCommand
{
    public static readonly Argument<string> ModelArgument = new("model") { Description = "model file (.xml or .onnx)" };

    public static readonly Option<string[]> ShapeFlag = new("--shape")
    {
        Description = "NAME=1,3,300,300 for each input with open sizes; NAME= may be left out where there is one",
    };

    public static readonly Option<string> FormatFlag = new Option<string>("--format")
    {
        Description = "text for people, json for programs",
        DefaultValueFactory = static _ => "text",
    }.AcceptOnlyFromAmong("text", "json");

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public static Command Create() => new("model", "Works on model files.")
    {
        ModelInspectCommand.Create(),
        ModelConvertCommand.Create(),
        ModelBenchCommand.Create(),
        ModelRunCommand.Create(),
    };

    public static void WriteJson<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, Json));

    public static bool IsJson(ParseResult parsed) => parsed.GetValue(FormatFlag) == "json";

    /// <summary>The shapes given.</summary>
    /// <exception cref="InvalidDataException">One is no shape.</exception>
    public static ModelFileOptions ReadOptions(ParseResult parsed)
    {
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (string text in parsed.GetValue(ShapeFlag) ?? [])
        {
            // A name may hold an equals sign, a shape never does.
            int equals = text.LastIndexOf('=');
            long[] shape = [.. text[(equals + 1)..].Split(',').Select(static size =>
                long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0 ? number : 0)];
            if (shape.Contains(0))
                throw new InvalidDataException($"--shape {text}: '{text[(equals + 1)..]}' is no shape; a shape is sizes of 1 or more with commas between them, such as 1,3,300,300");
            if (!shapes.TryAdd(equals < 0 ? "" : text[..equals], shape))
                throw new InvalidDataException($"--shape {text}: this input has been given a shape before");
        }

        return new ModelFileOptions { InputShapes = shapes };
    }

    /// <summary>Runs a verb; what is wrong with its files becomes a line on standard error and an exit code.</summary>
    public static async Task<int> InvokeAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (Exception exception) when (exception is ModelException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"edge-inference: {exception.Message}");
            return ExitCode.WrongConfiguration;
        }
        catch (OperationCanceledException)
        {
            // Whoever pressed Ctrl+C knows.
            return ExitCode.Failed;
        }
        catch (InferenceException exception)
        {
            await Console.Error.WriteLineAsync($"edge-inference: {exception.Message}");
            return ExitCode.Failed;
        }
    }
}
