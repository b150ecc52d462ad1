using System.CommandLine;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Native.OpenVino;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Engines;
using EdgeInference.Service.Options;
using EdgeInference.Service.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Service.CommandLine;

/// <summary><c>devices</c>: which engines and devices this machine has, and what is missing.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var command = new Command("devices", "Shows the engines and devices of this machine, and what to install for those that are missing.") { RunCommand.ConfigFlag };
        command.SetAction(static (parsed, _) => RunCommand.ReportFaultsAsync(() =>
        {
            OpenVinoOptions options = ServiceConfiguration.LoadSection<OpenVinoOptions>(
                nameof(EdgeInferenceOptions.OpenVino), RunCommand.ReadFile(parsed.GetValue(RunCommand.ConfigFlag)), Environment.GetEnvironmentVariables());
            Write(
                EngineInventory.List(
                    new OpenVinoEngineFactory(NullLogger<OpenVinoEngineFactory>.Instance, options.Library),
                    new OnnxRuntimeEngineFactory(NullLogger<OnnxRuntimeEngineFactory>.Instance)),
                Console.Out);
            return Task.FromResult(ExitCode.Done);
        }));
        return command;
    }

    internal static void Write(IReadOnlyList<InstalledEngine> engines, TextWriter writer)
    {
        foreach (InstalledEngine engine in engines)
        {
            writer.WriteLine(engine.Problem ?? $"{engine.Name} {engine.Version} ({engine.Path})");
            var table = new TextTable();
            foreach (InstalledDevice device in engine.Devices.Where(static device => device.Problem is null))
                table.Add(device.Name, device.FullName!, string.Join(", ", device.Precisions));
            table.Write(writer);
            foreach (InstalledDevice device in engine.Devices.Where(static device => device.Problem is not null))
                writer.WriteLine(string.Join(' ', new[] { $"  {device.Name} cannot be used: {device.Problem}.", device.Remedy }.OfType<string>()));
            if (engine.Remedy is not null)
                writer.WriteLine($"  {engine.Remedy}");
        }
    }
}
