using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Native.OpenVino;
using EdgeInference.TestSupport;
using EdgeInference.TestSupport.OpenVino;

namespace EdgeInference.Native.Tests.OpenVino;

/// <summary>That the fake finds what it is there to find, and that whole processes can be steered.</summary>
public sealed class FakeOpenVinoTests
{
    private static readonly Lazy<string> s_program = new(static () =>
    {
        string program = Path.Combine(FakeOpenVinoCompiler.CreateFolder(), "program");
        FakeOpenVinoCompiler.Cc("-o", program, TestData.InRepository("tests/OpenVinoFake/program/main.c"));
        return program;
    });

    [Fact]
    public async Task Process_NothingSet_InfersAndCounts()
    {
        (string[] lines, FakeOpenVinoLog log) = await Run(inferences: 5);

        Assert.Equal(["0", "0", "0", "0", "0"], lines[..5]);
        Assert.Equal(5, log.Inferences);
        Assert.Equal(5, log.Calls["ov_infer_request_wait"]);
        Assert.Equal(1, Assert.Single(log.Live, static live => live.Key == "core").Value);
        Assert.Single(log.Live);
        Assert.Empty(log.Violations);
    }

    [Fact]
    public async Task Process_ToldToFail_FailsThoseCalls()
    {
        (string[] lines, _) = await Run(
            inferences: 5, ("FAKE_OPENVINO_FAIL", "ov_infer_request_start_async:2:the device: gone;ov_infer_request_wait:3:lost"), ("FAKE_OPENVINO_DELAY_MS", "1"));

        Assert.Equal(["0", "-1", "0", "-1", "0"], lines[..5]);
    }

    [Fact]
    public async Task Process_ToldToHang_NeverAnswers()
    {
        (string[] lines, FakeOpenVinoLog log) = await Run(inferences: 5, ("FAKE_OPENVINO_HANG", "3"));

        Assert.Equal(["0", "0", "hangs"], lines[..3]);
        Assert.Equal(1, log.Live["infer_request"]);
    }

    [Fact]
    public async Task Process_ToldToLeak_Grows()
    {
        (string[] lines, _) = await Run(inferences: 20, ("FAKE_OPENVINO_LEAK_MB", "8:5"));

        Assert.InRange(long.Parse(lines[20].Split(' ')[1], CultureInfo.InvariantCulture), 30, 60);
    }

    [Fact]
    public async Task Process_ToldOtherDevices_HasNoCpu()
    {
        (string[] lines, FakeOpenVinoLog log) = await Run(inferences: 1, ("FAKE_OPENVINO_DEVICES", "GPU"));

        Assert.Equal([""], lines);
        Assert.Equal(0, log.Inferences);
    }

    [Fact]
    public unsafe void Misuse_OfHandles_IsWrittenDown()
    {
        OpenVinoTestBed bed = new();
        OvApiTable table = bed.Factory.Open().Api.Table;
        nint core = bed.Factory.Open().Core.DangerousGetHandle();
        bed.AssertClean();

        table.CoreFree(core);
        table.TensorFree(core);
        table.ModelFree(12345);
        Assert.NotEqual(OvStatus.Ok, table.InferRequestWait(core));

        Assert.Equal(
            [
                "ov_core_free: the core was freed before",
                "ov_tensor_free: a core was given for a tensor",
                "ov_model_free: 0x3039 is nothing that was handed out",
                "ov_infer_request_wait: a core was given for a infer_request",
            ],
            bed.Fake.Violations);
    }

    [Fact]
    public unsafe void Misuse_OfRequests_IsWrittenDown()
    {
        OpenVinoTestBed bed = new();
        OvApiTable table = s_table = bed.Factory.Open().Api.Table;
        nint core = bed.Factory.Open().Core.DangerousGetHandle();
        nint model, compiled, request;
        fixed (byte* onnx = OpenVinoTestModels.Small().Onnx.Span)
            Assert.Equal(OvStatus.Ok, table.CoreReadModelFromMemoryBuffer(core, onnx, (nuint)OpenVinoTestModels.Small().Onnx.Length, 0, &model));
        fixed (byte* device = "CPU\0"u8)
            Assert.Equal(OvStatus.Ok, table.CoreCompileModelProps(core, model, device, 0, null, &compiled));
        Assert.Equal(OvStatus.Ok, table.CompiledModelCreateInferRequest(compiled, &request));
        OvCallback callback = new() { Function = &WaitAndStart, Argument = request };
        Assert.Equal(OvStatus.Ok, table.InferRequestSetCallback(request, &callback));

        bed.Fake.Hold();
        Assert.Equal(OvStatus.Ok, table.InferRequestStartAsync(request));
        Assert.Equal(OvStatus.RequestBusy, table.InferRequestStartAsync(request));
        nint tensor;
        Assert.Equal(OvStatus.RequestBusy, table.InferRequestGetInputTensorByIndex(request, 0, &tensor));
        bed.Fake.LetGo();
        while (bed.Fake.Ended < 2)
            Assert.Equal(OvStatus.Ok, table.InferRequestWait(request));
        bed.Fake.Hold();
        Assert.Equal(OvStatus.Ok, table.InferRequestStartAsync(request));
        Thread letGo = new(() =>
        {
            SpinWait.SpinUntil(() => bed.Fake.Violations.Contains("ov_infer_request_free: the request is in flight"));
            bed.Fake.LetGo();
        });
        letGo.Start();
        bed.Factory.Open().Core.Dispose();
        table.InferRequestFree(request);
        letGo.Join();
        table.CompiledModelFree(compiled);
        table.ModelFree(model);

        Assert.Equal(
            [
                "ov_infer_request_wait: called inside the callback, where it would wait for ever",
                "ov_infer_request_start_async: the callback has not returned yet: it is lost to this inference",
                "ov_core_free: 1 compiled models are still there",
                "ov_infer_request_free: the request is in flight",
            ],
            bed.Fake.Violations);
    }

    private static OvApiTable? s_table;

    [UnmanagedCallersOnly]
    private static unsafe void WaitAndStart(nint request)
    {
        if (Interlocked.Exchange(ref s_table, null) is { } table)
        {
            _ = table.InferRequestWait(request);
            _ = table.InferRequestStartAsync(request);
        }
    }

    private static async Task<(string[] Lines, FakeOpenVinoLog Log)> Run(int inferences, params (string Name, string Value)[] settings)
    {
        string log = Path.Combine(FakeOpenVinoCompiler.CreateFolder(), "log");
        InferenceModel model = OpenVinoTestModels.Ir([OpenVinoTestModels.Image(4)], [OpenVinoTestModels.Scores(4)]);
        ProcessStartInfo start = new(s_program.Value) { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(FakeOpenVinoCompiler.Compile(FakeRelease.V2024));
        start.ArgumentList.Add(model.Path);
        start.ArgumentList.Add(inferences.ToString(CultureInfo.InvariantCulture));
        start.Environment["FAKE_OPENVINO_LOG"] = log;
        foreach ((string name, string value) in settings)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output.TrimEnd().Split('\n'), FakeOpenVinoLog.Read(log));
    }
}
