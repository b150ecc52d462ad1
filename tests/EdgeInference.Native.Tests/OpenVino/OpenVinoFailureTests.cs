using System.Runtime.ExceptionServices;
using EdgeInference.Inference;
using EdgeInference.Native.OpenVino;
using EdgeInference.TestSupport.OpenVino;
using Xunit.Abstractions;

namespace EdgeInference.Native.Tests.OpenVino;

/// <summary>Each call of OpenVINO fails in turn.</summary>
public sealed class OpenVinoFailureTests(ITestOutputHelper output)
{
    /// <summary>
    /// What does without: unknown devices and texts are left out (get_property), an inference that cannot be
    /// cancelled ends by itself, a shape is freed whatever is answered, and an element type that cannot be made is one that
    /// there is not.
    /// </summary>
    private static readonly string[] s_harmless =
    [
        "ov_core_get_property",
        "ov_compiled_model_get_property",
        "ov_infer_request_cancel",
        "ov_shape_free",
        "ov_tensor_create",
    ];

    [Theory]
    [MemberData(nameof(OpenVinoTestBed.Releases), MemberType = typeof(OpenVinoTestBed))]
    public async Task AnyCall_Fails_OneClearExceptionAndNothingLeft(FakeRelease release)
    {
        OpenVinoTestBed good = new(release);
        await UseEverything(good, release);
        good.AssertClean();
        (string Function, long Calls)[] functions = [.. good.Fake.CalledFunctions.Select(function => (function, good.Fake.Calls(function)))];

        // All of the table that tell how they ended; one of the two that compile; no extensions in the older releases.
        int inTable = typeof(OvApiTable).GetFields()
            .Count(static field => field.FieldType.IsFunctionPointer && field.FieldType.GetFunctionPointerReturnType() == typeof(OvStatus));
        Assert.Equal(release < FakeRelease.V2025 ? inTable - 1 : inTable, functions.Length);

        int thrown = 0;
        foreach ((string function, long calls) in functions)
        {
            for (long nth = 1; nth <= calls; nth++)
                thrown += await FailOnce(release, function, nth) ? 1 : 0;
        }

        output.WriteLine($"{functions.Sum(static function => function.Calls)} calls of {functions.Length} functions failed in turn: {thrown} exceptions");
    }

    private static async Task<bool> FailOnce(FakeRelease release, string function, long nth)
    {
        OpenVinoTestBed bed = new(release);
        bed.Fake.Fail(function, nth);

        Exception? exception = await Record.ExceptionAsync(() => UseEverything(bed, release));

        if (exception is null)
            Assert.Contains(function, s_harmless);
        else
        {
            Assert.True(exception is InferenceException or ModelException, $"{function} {nth}: {exception}");
            bool isUnknownType = function == "ov_tensor_create" && exception.Message.Contains("element types", StringComparison.Ordinal);
            Assert.True(isUnknownType || exception.Message.Contains(function, StringComparison.Ordinal), $"{function} {nth}: {exception}");
        }

        if (bed.Fake.LiveOf("core") > 0)
            bed.Factory.Open().Core.Dispose();
        Assert.True(bed.Fake.Violations.Count == 0, $"{function} {nth}: {string.Join("; ", bed.Fake.Violations)}");
        Assert.True(bed.Fake.Live == 0, $"{function} {nth}: {bed.Fake.Live} objects are left");
        return exception is not null;
    }

    private static async Task UseEverything(OpenVinoTestBed bed, FakeRelease release)
    {
        OpenVinoRuntime runtime = bed.Factory.Open();
        Assert.Single(runtime.Devices);
        _ = runtime.WhyNot("CPU");
        if (release >= FakeRelease.V2025)
        {
            string extension = Path.Combine(OpenVinoTestBed.CreateFolder(), "libmy_extension.so");
            File.Copy(bed.Fake.Path, extension);
            bed.Factory.AddExtension(extension);
        }

        TensorInfo[] inputs = [OpenVinoTestModels.Image(-1)];
        TensorInfo[] outputs = [OpenVinoTestModels.Scores(-1), new("fixed", TensorElementType.Int64, [2])];
        bed.Load(OpenVinoTestModels.Ir(inputs, outputs)).Dispose();
        using IInferenceEngine engine = bed.Load(OpenVinoTestModels.Onnx(inputs, outputs));
        using IInferenceRequest request = engine.CreateRequest();
        for (int i = 1; i <= 3; i++)
        {
            request.Inputs[0].Resize(i);
            OpenVinoTestBed.Fill(request, i);
            await request.InferAsync(CancellationToken.None);
            OpenVinoTestBed.AssertOutputs(engine, request);
        }

        await Cancel(bed, request);
        await DisposeInFlight(bed, request);
    }

    private static async Task Cancel(OpenVinoTestBed bed, IInferenceRequest request)
    {
        using CancellationTokenSource source = new();
        bed.Fake.Hold();
        ValueTask inference = request.InferAsync(source.Token);
        await source.CancelAsync();
        bed.Fake.LetGo();
        try
        {
            await inference;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
    }

    private static async Task DisposeInFlight(OpenVinoTestBed bed, IInferenceRequest request)
    {
        bed.Fake.Hold();
        ValueTask inference = request.InferAsync(CancellationToken.None);
        Task disposal = Task.Run(request.Dispose);

        // It cancels what is held, unless just that was told to fail.
        await OpenVinoTestBed.Until(() => disposal.IsCompleted || bed.Log.Lines.Any(static line => line.Id == 5103));
        bed.Fake.LetGo();
        await disposal;
        try
        {
            await inference;
        }
        catch (ObjectDisposedException exception) when (exception.InnerException is InferenceException { Message: var message } inner)
        {
            if (message.Contains("told to fail", StringComparison.Ordinal))
                ExceptionDispatchInfo.Throw(inner);
        }
        catch (ObjectDisposedException)
        {
            // As asked.
        }
    }
}
