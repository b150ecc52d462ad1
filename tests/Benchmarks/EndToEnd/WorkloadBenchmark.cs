using System.Globalization;
using EdgeInference.Inference;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>One workload from the bare engine to the whole service.</summary>
internal sealed class WorkloadBenchmark(BenchedEngine benched, Workload workload, TimeSpan duration, int repetitions)
{
    // Where inference takes this long, the service's own work may take a twentieth of it.
    private const double LongInference = 10;

    public async Task RunAsync()
    {
        Console.WriteLine(workload.Name);
        InferenceModel model = benched.Read(workload.Model);
        BareEngine engine = await BareEngine.CreateAsync(benched, model, workload.Video);
        EngineLoad best = await Sweep.RunAsync(engine, benched.Loads, duration / 5);

        var decoder = new DecodeProbe(workload.Video);
        var service = new ServiceProbe(benched, workload);
        var measured = new List<Repetition>();
        for (int i = 0; i < repetitions; i++)
            measured.Add(await Repetition.MeasureAsync(decoder, engine, best, service, duration, benched.RunsOnCpu));
        double[] allocated = await new AllocationProbe(benched, workload, model).MeasureAsync(duration);

        WriteSamples(measured, best);
        WriteRatios(measured, allocated);
    }

    private static void WriteSamples(List<Repetition> measured, EngineLoad best)
    {
        Table table = new Table("", "frames/s", "CPU ms/frame", "idle %", "others %", "peak MB")
            .Add(["decoding to null", .. Cells.Of([.. measured.Select(static m => m.DecodeToNull)]), ""])
            .Add(["decoding into a pipe", .. Cells.Of([.. measured.Select(static m => m.DecodeToPipe)]), ""])
            .Add([$"bare engine, {best}", .. Cells.Of([.. measured.Select(static m => m.Engine)]), ""]);
        for (int i = 0; i < Repetition.StreamCounts.Length; i++)
        {
            ServiceSample[] samples = [.. measured.Select(m => m.Services[i])];
            string peak = Spread.Of(samples, static sample => sample.PeakMegabytes).Median.ToString("0", CultureInfo.InvariantCulture);
            table.Add([$"service, {Repetition.StreamCounts[i]} stream(s)", .. Cells.Of([.. samples.Select(static s => s.Sample)]), peak]);
        }

        table.Write(Console.Out);
    }

    private void WriteRatios(List<Repetition> measured, double[] allocated)
    {
        Spread engineTime = Spread.Of(measured, static m => m.Engine.CpuPerFrame);
        var table = new Table("", "", "target");
        string bound = benched.RunsOnCpu ? "" : ", or what the bare engine does alone where that is less";
        AddRow($"bound: processors / CPU time of decoding into a pipe + bare engine{bound}, frames/s", static m => m.Bound, "0.0", "");
        AddRow("bound with decoding to null, frames/s", static m => m.StricterBound, "0.0", "");
        AddRow("service / bound", static m => m.Services[0].Sample.FramesPerSecond / m.Bound, "0.000", ">= 0.95");
        AddRow("service / bound with decoding to null", static m => m.Services[0].Sample.FramesPerSecond / m.StricterBound, "0.000", "");
        AddRow("CPU time of service / (decoding into a pipe + bare engine)", static m => m.CpuRatio, "0.000", engineTime.Median >= LongInference ? "<= 1.05" : "<= 1.15");
        for (int i = 1; i < Repetition.StreamCounts.Length; i++)
        {
            int streams = i;
            AddRow(
                $"{Repetition.StreamCounts[i]} streams / 1 stream, frames/s in all",
                m => m.Services[streams].Sample.FramesPerSecond / m.Services[0].Sample.FramesPerSecond,
                "0.000",
                ">= 0.95");
        }

        table.Add("managed bytes allocated per frame", Spread.Of(allocated, static bytes => bytes).Format("0.0"), "0");
        table.Write(Console.Out);

        void AddRow(string name, Func<Repetition, double> value, string format, string target) =>
            table.Add(name, Spread.Of(measured, value).Format(format), target);
    }
}
