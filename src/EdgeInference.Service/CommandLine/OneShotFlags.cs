using System.CommandLine;
using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.CommandLine;

/// <summary>The flags that describe a single stream without a configuration file, each the name of an option.</summary>
internal static class OneShotFlags
{
    private static readonly (Option<string> Flag, string Key)[] Flags =
    [
        Flag("--model", "Model:Path", "model file: OpenVINO IR (.xml) or ONNX (.onnx)"),
        Flag("--shape", "Model:InputShape", "whole shape of the model's input, such as 1,3,300,300, where the file leaves sizes open"),
        Flag("--input", "Source:Input", "video file, folder of pictures, /dev/videoN, rtsp:// or http:// address"),
        Flag("--labels", "LabelMap", "label map (JSON)"),
        Flag("--function", "Function", "auto, classification or detection"),
        Flag("--interval", "ReportingInterval", "least time between reports; 0 reports every frame"),
        Flag("--when", "ReportWhen", "always, detections or change"),
        Flag("--threshold", "Detection:Threshold", "least confidence of an object, 0 to 1"),
        Flag("--classes", "Detection:Classes", "only objects of these classes, with commas between them"),
        Flag("--top", "Classification:TopResults", "number of best classes"),
        Flag("--decimals", "Decimals", "decimals in reports"),
        Flag("--include-id", "IncludeId", "true adds id, stream and model to reports"),
        Flag("--color-order", "Preprocessing:ColorOrder", "bgr or rgb"),
        Flag("--mean", "Preprocessing:Mean", "subtracted from each channel: one number or three"),
        Flag("--scale", "Preprocessing:Scale", "multiplies each channel after the mean: one number or three"),
        Flag("--layout", "Preprocessing:Layout", "auto, nchw or nhwc"),
        Flag("--engine", "Model:Engine", "auto, onnxruntime or openvino"),
        Flag("--device", "Model:Device", "CPU, or with OpenVINO GPU, NPU, AUTO, HETERO:GPU,CPU"),
        Flag("--hint", "Model:PerformanceHint", "throughput or latency"),
        Flag("--precision", "Model:InferencePrecision", "auto, f32, bf16 or f16; for OpenVINO"),
        Flag("--requests", "Model:Requests", "inferences in flight; 0 chooses"),
        Flag("--threads", "Model:ThreadsPerRequest", "threads of one inference; for ONNX Runtime"),
        Flag("--loop", "Source:Loop", "true begins a file again at its end"),
        Flag("--real-time", "Source:RealTime", "true plays a file at its own rate"),
        Flag("--decoder", "Source:Decoder", "software or vaapi"),
        Flag("--color-matrix", "Source:ColorMatrix", "auto, bt601 or bt709"),
        Flag("--pictures", "Publishers:LocalJpeg:Directory", "folder for annotated pictures"),
    ];

    /// <summary>A warning where a flag shows a password in the list of processes; else null.</summary>
    public static string? FindExposedPassword(ParseResult parsed) =>
        parsed.GetValue(FlagOf("Source:Input")) is { } input
            && Uri.TryCreate(input, UriKind.Absolute, out Uri? address) && address.UserInfo.Length > 0
            ? "the password in --input can be seen in the list of processes; in PARAM_INPUT_SOURCE or a configuration file it cannot"
            : null;

    public static void AddTo(Command command)
    {
        foreach ((Option<string> flag, _) in Flags)
            command.Options.Add(flag);
    }

    /// <summary>The flags given, as configuration keys and values, and the flag behind each key; empty when none was given.</summary>
    public static (Dictionary<string, string?> Settings, Dictionary<string, string> Origins) Read(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var origins = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach ((Option<string> flag, string key) in Flags)
        {
            if (parsed.GetValue(flag) is not { } value)
                continue;
            settings[ParamVariables.FirstStream + key] = value;
            origins[ParamVariables.FirstStream + key] = flag.Name;
        }

        if (settings.Count == 0)
            return (settings, origins);
        foreach (string required in (string[])["Model:Path", "Source:Input"])
            origins.TryAdd(ParamVariables.FirstStream + required, FlagOf(required).Name);
        if (settings.ContainsKey(ParamVariables.FirstStream + "Publishers:LocalJpeg:Directory"))
            settings[ParamVariables.FirstStream + "Publishers:LocalJpeg:Enabled"] = "true";
        return (settings, origins);
    }

    private static Option<string> FlagOf(string key) => Flags.First(flag => flag.Key == key).Flag;

    private static (Option<string> Flag, string Key) Flag(string name, string key, string description) =>
        (new Option<string>(name) { Description = description }, key);
}
