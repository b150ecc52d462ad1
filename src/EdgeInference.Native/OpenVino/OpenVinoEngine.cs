using System.Globalization;
using EdgeInference.Inference;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OpenVino;

/// <summary>A compiled model. Requests hold references on it: disposed before them, it is released with the last of them.</summary>
internal sealed class OpenVinoEngine : IInferenceEngine
{
    private readonly OvApi _api;
    private readonly OvCompiledModelHandle _compiled;
    private readonly OvPort[] _inputs;
    private readonly OvPort[] _outputs;
    private readonly ILogger _logger;

    private OpenVinoEngine(OvApi api, OvCompiledModelHandle compiled, OvPort[] inputs, OvPort[] outputs, ILogger logger)
    {
        _api = api;
        _compiled = compiled;
        _inputs = inputs;
        _outputs = outputs;
        Inputs = [.. inputs.Select(static port => port.Info)];
        Outputs = [.. outputs.Select(static port => port.Info)];
        _logger = logger;
    }

    public required string Description { get; init; }

    public required int OptimalRequests { get; init; }

    public IReadOnlyList<TensorInfo> Inputs { get; }

    public IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>Takes the compiled model over, once what it has to say of itself was read.</summary>
    /// <exception cref="InferenceException">It does not fit the model.</exception>
    public static OpenVinoEngine Create(
        OpenVinoRuntime runtime, OvCompiledModelHandle compiled, InferenceModel model, EngineOptions options, ILogger logger)
    {
        OvApi api = runtime.Api;
        OvPort[] inputs = OvPorts.ReadInputs(api, runtime.ElementTypes, compiled, model.Inputs);
        OvPort[] outputs = OvPorts.ReadOutputs(api, runtime.ElementTypes, compiled, model.OutputStage?.EngineOutputs ?? model.Outputs);
        return new OpenVinoEngine(api, compiled, inputs, outputs, logger)
        {
            Description = Describe(api, compiled, options),
            OptimalRequests = options.Performance == PerformanceHint.Latency ? 1 : ReadOptimalRequests(api, compiled),
        };
    }

    public IInferenceRequest CreateRequest()
    {
        OpenVinoRequest request = new(_api, _compiled, _inputs, _outputs, _logger);
        try
        {
            request.Open();
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    public void Dispose() => _compiled.Dispose();

    private static string Describe(OvApi api, OvCompiledModelHandle compiled, EngineOptions options)
    {
        string? runsOn = OvProperties.Find(api, compiled, "EXECUTION_DEVICES");
        string device = runsOn is { Length: > 0 } && runsOn != options.Device ? $"{options.Device} ({runsOn})" : options.Device;
        string performance = options.Performance == PerformanceHint.Latency ? "latency" : "throughput";
        string precision = OvCompiler.NameOf(options.Precision) is { } name ? $", {name}" : "";
        return $"OpenVINO {api.Version}, {device}, {performance}{precision}".ReplaceLineEndings(" ");
    }

    private static int ReadOptimalRequests(OvApi api, OvCompiledModelHandle compiled) =>
        int.TryParse(
            OvProperties.Find(api, compiled, "OPTIMAL_NUMBER_OF_INFER_REQUESTS"),
            NumberStyles.Integer,
            CultureInfo.InvariantCulture,
            out int requests)
            ? Math.Max(requests, 1)
            : Environment.ProcessorCount;
}
