using System.Diagnostics;
using System.Globalization;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>What was seen of some processes over a span of time.</summary>
/// <param name="FramesPerSecond">Their throughput.</param>
/// <param name="CpuPerFrame">Their processor time, user and system, in milliseconds.</param>
/// <param name="Idle">Share of the machine that nobody used, 0 to 1.</param>
/// <param name="Others">Share of the machine that was used by processes not of this benchmark, 0 to 1.</param>
internal readonly record struct Sample(double FramesPerSecond, double CpuPerFrame, double Idle, double Others);

/// <summary>Measures processes, and the rest of the machine with them, from its construction on.</summary>
internal sealed class Meter
{
    // Ticks of /proc/stat: USER_HZ, which is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    private readonly int[] _processes;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly (double Busy, double Idle) _machine = ReadMachine();
    private readonly double _own = Environment.CpuUsage.TotalTime.TotalSeconds;
    private readonly double _cpu;

    /// <param name="processes">The processes to measure: none means this one.</param>
    public Meter(params int[] processes)
    {
        _processes = processes;
        _cpu = ReadProcesses();
    }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_startedAt);

    /// <param name="frames">Frames since the construction.</param>
    public Sample Read(double frames) => ReadRate(frames / Elapsed.TotalSeconds);

    /// <param name="framesPerSecond">The throughput, where it is known otherwise.</param>
    public Sample ReadRate(double framesPerSecond)
    {
        double seconds = Elapsed.TotalSeconds;
        double cpu = ReadProcesses() - _cpu;
        double own = Environment.CpuUsage.TotalTime.TotalSeconds - _own;
        (double busy, double idle) = ReadMachine();
        (busy, idle) = (busy - _machine.Busy, idle - _machine.Idle);
        double ours = _processes.Length == 0 ? own : own + cpu;
        return new Sample(
            framesPerSecond,
            1000 * cpu / seconds / framesPerSecond,
            idle / (busy + idle),
            Math.Max(0, (busy - ours) / (busy + idle)));
    }

    private double ReadProcesses() => _processes.Length == 0
        ? Environment.CpuUsage.TotalTime.TotalSeconds
        : _processes.Sum(static id =>
        {
            using var process = Process.GetProcessById(id);
            return process.TotalProcessorTime.TotalSeconds;
        });

    /// <summary>Seconds of all cores together: user, nice, system, idle, iowait, irq, softirq, steal (proc(5)).</summary>
    private static (double Busy, double Idle) ReadMachine()
    {
        double[] times = [.. File.ReadLines("/proc/stat").First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(static ticks => double.Parse(ticks, CultureInfo.InvariantCulture) / TicksPerSecond)];
        double idle = times[3] + times[4];
        return (times.Sum() - idle, idle);
    }
}
