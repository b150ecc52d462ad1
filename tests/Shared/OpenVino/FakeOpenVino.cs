using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using EdgeInference.Inference;

namespace EdgeInference.TestSupport.OpenVino;

/// <summary>
/// A copy of the fake OpenVINO, with a state of its own, steered from within the process. (Whole processes are steered by
/// the variables that tests/OpenVinoFake/control.c lists.)
/// </summary>
internal sealed unsafe class FakeOpenVino
{
    private readonly nint _library;

    public FakeOpenVino(FakeRelease release)
    {
        Folder = FakeOpenVinoCompiler.CreateFolder();
        Path = System.IO.Path.Combine(Folder, FakeOpenVinoCompiler.FileName(release));
        File.Copy(FakeOpenVinoCompiler.Compile(release), Path);

        // The same file later loaded by the engine is the same library.
        _library = NativeLibrary.Load(Path);
    }

    /// <summary>Holds nothing but the library.</summary>
    public string Folder { get; }

    public string Path { get; }

    /// <summary>The devices there are, such as "CPU,GPU".</summary>
    public string Devices
    {
        set => WithText(value, text => ((delegate* unmanaged<byte*, void>)Export("fake_devices"))((byte*)text));
    }

    /// <summary>Inferences that were started.</summary>
    public long Inferences => ((delegate* unmanaged<long>)Export("fake_inferences"))();

    /// <summary>Inferences that have ended, their callbacks included.</summary>
    public long Ended => ((delegate* unmanaged<long>)Export("fake_ended"))();

    /// <summary>The last compilation: "props" or "variadic", the device, and key=value for each property, with ; between.</summary>
    public string Compilation => Text(((delegate* unmanaged<byte*>)Export("fake_compilation"))())!;

    /// <summary>What was done wrongly to the library.</summary>
    public IReadOnlyList<string> Violations => Texts("fake_violation");

    /// <summary>The functions that were called since the library was loaded, of those that can fail.</summary>
    public IReadOnlyList<string> CalledFunctions => Texts("fake_call_name");

    /// <summary>Objects of all kinds that were handed out and not freed.</summary>
    public long Live => ((delegate* unmanaged<byte*, long>)Export("fake_live"))(null);

    /// <summary>Objects of a kind (core, model, compiled_model, port, infer_request, tensor, string, …) that were not freed.</summary>
    public long LiveOf(string kind)
    {
        long count = 0;
        WithText(kind, text => count = ((delegate* unmanaged<byte*, long>)Export("fake_live"))((byte*)text));
        return count;
    }

    /// <summary>How often a function was called.</summary>
    public long Calls(string function)
    {
        long count = 0;
        WithText(function, text => count = ((delegate* unmanaged<byte*, long>)Export("fake_calls"))((byte*)text));
        return Math.Max(count, 0);
    }

    /// <summary>Lets the nth call of a function from now on fail; 0 for every one.</summary>
    public void Fail(string function, long nth = 1, int status = -1, string message = "told to fail") =>
        WithText(function, function => WithText(message, message =>
            ((delegate* unmanaged<byte*, long, int, byte*, void>)Export("fake_fail"))((byte*)function, nth, status, (byte*)message)));

    public void FailNoMore() => ((delegate* unmanaged<void>)Export("fake_fail_no_more"))();

    /// <summary>Keeps inferences from ending until <see cref="LetGo"/>, unless they are cancelled.</summary>
    public void Hold() => ((delegate* unmanaged<int, void>)Export("fake_hold"))(1);

    public void LetGo() => ((delegate* unmanaged<int, void>)Export("fake_hold"))(0);

    /// <summary>Lets the nth inference from now on never answer, not even when it is cancelled.</summary>
    public void Hang(long nth = 1) => ((delegate* unmanaged<long, void>)Export("fake_hang"))(nth);

    /// <summary>Lets those that hang end after all. Returns how many there were.</summary>
    public int ReleaseHung() => ((delegate* unmanaged<int>)Export("fake_release_hung"))();

    /// <summary>How long each inference takes at least.</summary>
    public void Delay(long milliseconds) => ((delegate* unmanaged<long, void>)Export("fake_delay"))(milliseconds);

    /// <summary>What output number <paramref name="index"/> is for these inputs: see <see cref="FakeComputation"/>.</summary>
    public static (long[] Shape, byte[] Bytes) Expected(IReadOnlyList<Tensor> inputs, TensorInfo output, int index) =>
        FakeComputation.Run(inputs, output, index);

    private static void WithText(string text, Action<nint> action)
    {
        byte* native = Utf8StringMarshaller.ConvertToUnmanaged(text);
        try
        {
            action((nint)native);
        }
        finally
        {
            Utf8StringMarshaller.Free(native);
        }
    }

    private static string? Text(byte* text) => Utf8StringMarshaller.ConvertToManaged(text);

    private List<string> Texts(string function)
    {
        List<string> texts = [];
        while (Text(((delegate* unmanaged<int, byte*>)Export(function))(texts.Count)) is { } text)
            texts.Add(text);
        return texts;
    }

    private nint Export(string name) => NativeLibrary.GetExport(_library, name);
}
