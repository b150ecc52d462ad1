using System.Runtime.ExceptionServices;
using System.Xml;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Golden;
using Google.Protobuf;

namespace EdgeInference.Models.Tests;

/// <summary>
/// Reads damaged files one after the other and holds each to what is promised of any file: a model or an exception that
/// names the file, within 64 MB + 4 x its size, and no hanging. A file that fails is kept, and named.
/// </summary>
internal sealed class FuzzRun
{
    private const long Base = 64 << 20;
    private const int ForByte = 4;

    /// <summary>One in so many models that are read goes to the engine.</summary>
    private const int Sample = 5;

    /// <summary>How long no case may take: far beyond any, since it is not speed that is tested.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, string> _faults = new(StringComparer.Ordinal);
    private int _number;

    public int Read { get; private set; }

    public int Loaded { get; private set; }

    public int LoadRefused { get; private set; }

    /// <summary>The most that a case allocated, of what it may.</summary>
    public double MostAllocated { get; private set; }

    /// <param name="cases">How many.</param>
    /// <param name="write">Writes the files of a case and gives the path of the model.</param>
    public async Task RunAsync(int cases, Func<string> write)
    {
        string path = "";
        Task work = Task.Run(() =>
        {
            for (int i = 0; i < cases; i++)
            {
                path = write();
                try
                {
                    Try(path);
                }
                catch (Exception e)
                {
                    string place = Place(e);
                    if (!_faults.ContainsKey(place))
                        _faults[place] = $"Case {i}, {Keep(path, i)}: {e}";
                }

                Volatile.Write(ref _number, i + 1);
            }
        });
        while (!work.IsCompleted)
        {
            int before = Volatile.Read(ref _number);
            await Task.WhenAny(work, Task.Delay(Hang));
            if (!work.IsCompleted && Volatile.Read(ref _number) == before)
                Assert.Fail($"Case {before} hangs: {Keep(path, before)}");
        }

        await work;
        Assert.True(_faults.Count == 0, $"{_faults.Count} faults:\n{string.Join('\n', _faults.Values)}");
    }

    private void Try(string path)
    {
        long size = new FileInfo(path).Length + (Path.GetExtension(path) is ".xml" ? new FileInfo(Path.ChangeExtension(path, ".bin")).Length : 0);
        InferenceModel? model = Measured(path, Base + (ForByte * size));
        if (model is null)
            return;
        if (Read++ % Sample == 0)
            LoadInEngine(model);
    }

    /// <summary>Counts every byte allocated, though much of it is not alive at one time: stricter than the promise, and exact.</summary>
    private InferenceModel? Measured(string path, long limit)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        InferenceModel? model = ReadOrRefuse(path);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > limit)
            allocated = PeakOf(path);
        Assert.True(allocated <= limit, $"{allocated} bytes, more than {limit}");
        MostAllocated = Math.Max(MostAllocated, (double)allocated / limit);
        return model;
    }

    /// <summary>For a case that allocates more than may be alive: what is alive, looked at again and again while it runs.</summary>
    private static long PeakOf(string path)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long peak = 0;
        var reading = Task.Run(() => ReadOrRefuse(path));
        while (!reading.IsCompleted)
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before);
        return peak;
    }

    private static InferenceModel? ReadOrRefuse(string path)
    {
        try
        {
            return ModelFile.Read(path);
        }
        catch (ModelException e)
        {
            // A layer's own code must refuse what it cannot take; that the translator explains what it did not foresee is for the worst case.
            if (e.InnerException is not (null or ModelException or LayerException or OverflowException or XmlException or IOException or InvalidProtocolBufferException))
                ExceptionDispatchInfo.Throw(e.InnerException);
            Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
            return null;
        }
    }

    private void LoadInEngine(InferenceModel model)
    {
        try
        {
            ModelRunner.Load(model).Dispose();
            Loaded++;
        }
        catch (Exception e) when (e is ModelException or InferenceException)
        {
            Assert.Contains(model.Path, e.Message, StringComparison.Ordinal);
            LoadRefused++;
        }
    }

    /// <summary>The line of ours that threw: faults of one place are one fault.</summary>
    private static string Place(Exception e) =>
        e.StackTrace?.Split('\n').FirstOrDefault(static line => line.Contains("EdgeInference", StringComparison.Ordinal)) ?? e.Message;

    private static string Keep(string path, int number)
    {
        string kept = Path.Combine(Path.GetTempPath(), $"edge-inference-fuzz-{number}{Path.GetExtension(path)}");
        File.Copy(path, kept, overwrite: true);
        if (File.Exists(Path.ChangeExtension(path, ".bin")))
            File.Copy(Path.ChangeExtension(path, ".bin"), Path.ChangeExtension(kept, ".bin"), overwrite: true);
        return kept;
    }
}
