using System.Globalization;
using System.Text.Json;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>The service as it is installed in a container, as an administrator sees it.</summary>
internal sealed class InstalledService(Container container)
{
    public const string Unit = "edge-inference.service";
    public const string Configuration = "/etc/edge-inference/appsettings.json";

    /// <summary>A value of systemctl show.</summary>
    public Task<string> ShowAsync(string property) => container.DoAsync($"systemctl show --value --property={property} {Unit}");

    public async Task<int> MainProcessAsync() => int.Parse(await ShowAsync("MainPID"), CultureInfo.InvariantCulture);

    public async Task<int> RestartsAsync() => int.Parse(await ShowAsync("NRestarts"), CultureInfo.InvariantCulture);

    public async Task<bool> IsActiveAsync() => await ShowAsync("ActiveState") == "active";

    /// <summary>What the journal has of the service and of systemd about it.</summary>
    public Task<string> JournalAsync(string more = "") => container.DoAsync($"journalctl --quiet --no-pager --output=cat --unit={Unit} {more}");

    public Task WaitForJournalAsync(string text) =>
        container.WaitAsync($"the journal has '{text}'", async () => (await JournalAsync()).Contains(text, StringComparison.Ordinal));

    /// <summary>Writes the section EdgeInference of its configuration.</summary>
    public Task ConfigureAsync(object edgeInference) => WriteAsync(Configuration, JsonSerializer.Serialize(new { EdgeInference = edgeInference }));

    public Task WriteAsync(string path, string text) => container.DoAsync($"mkdir -p $(dirname {path}) && cat > {path}", text);

    /// <summary>Runs the steps of a test; with the journal where one fails.</summary>
    public async Task RunAsync(Func<Task> steps)
    {
        try
        {
            await steps();
        }
        catch (Exception exception)
        {
            ServiceRun journal = await container.RunAsync("journalctl --quiet --no-pager --boot | grep -v ': frame ' | tail -n 200; systemctl status --no-pager " + Unit);
            throw new InvalidOperationException($"{exception.Message}\n\nThe journal of the container:\n{journal.Output}", exception);
        }
    }
}
