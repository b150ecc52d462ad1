using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeInference.Integration.Tests.Endurance;

namespace EdgeInference.Integration.Tests.Reloading;

/// <summary>What becomes of a running service when its configuration changes.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Change_StreamsComeGoAndChange_OthersMissNoFrame()
    {
        Dictionary<string, object> stays = ReloadingService.Stream("stays");
        Dictionary<string, object> changes = ReloadingService.Stream("changes");
        await using ReloadingService service = await ReloadingService.StartAsync(_folder, new { Streams = new[] { stays, ReloadingService.Stream("goes"), changes } });
        foreach (string stream in (string[])["stays", "goes", "changes"])
            await service.WaitForFramesAsync(stream);

        changes["Decimals"] = 3;
        WithPictures(changes);
        await service.WriteAsync(new
        {
            Outbox = new { Directory = _folder.File("outbox") },
            Streams = new[] { stays, changes },
        });
        await service.Service.WaitForLogAsync("all of them start again");
        await service.WaitForFramesAsync("changes");
        int shared = service.FramesOf("stays").Length;
        await service.WriteAsync(new
        {
            Outbox = new { Directory = _folder.File("outbox") },
            Streams = new[] { stays, ReloadingService.Stream("changes"), ReloadingService.Stream("comes") },
        });
        string changed = await service.Service.WaitForLogAsync("changes: starts again with the configuration as it is now");
        await service.WaitForFramesAsync("comes");
        await service.WaitForFramesAsync("changes");
        await service.WaitForFramesAsync("stays");

        Assert.Equal(0, await service.StopAsync());
        Assert.Contains("Decimals", changed, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(_folder.File("changes"), "*.jpg", SearchOption.AllDirectories));
        AssertNoGap(service.FramesOf("stays")[shared..]);
        Assert.Contains("comes: added to the configuration", service.Service.Log, StringComparison.Ordinal);
        AssertNoProblem(service);
    }

    [Fact]
    public async Task Change_StreamIsRemoved_DeliversFirstAndTheOthersGoOn()
    {
        Dictionary<string, object> stays = ReloadingService.Stream("stays");
        Dictionary<string, object> goes = ReloadingService.Stream("goes");
        WithPictures(goes);
        object outbox = new { Directory = _folder.File("outbox") };
        await using ReloadingService service = await ReloadingService.StartAsync(_folder, new { Outbox = outbox, Streams = new[] { stays, goes } });
        await service.WaitForFramesAsync("goes");

        await service.WriteAsync(new { Outbox = outbox, Streams = new[] { stays } });
        await service.Service.WaitForLogAsync("goes: removed from the configuration");
        string summary = await service.Service.WaitForLogAsync("goes: Outbox: ");
        await service.WaitForFramesAsync("stays", more: 50);
        int delivered = service.FramesOf("goes").Length;

        Assert.Equal(0, await service.StopAsync());
        AssertNoGap(service.FramesOf("stays"));
        Assert.Equal(delivered, service.FramesOf("goes").Length);
        Assert.Equal(delivered, Directory.GetFiles(_folder.File("goes"), "*.jpg", SearchOption.AllDirectories).Length);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"goes: Outbox: {delivered} to "), summary, StringComparison.Ordinal);
        AssertNoProblem(service);
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Change_AgainAndAgain_EveryReportIsDelivered()
    {
        Dictionary<string, object> changes = WithPictures(ReloadingService.Stream("changes"));
        Dictionary<string, object> comesAndGoes = WithPictures(ReloadingService.Stream("comesandgoes"));
        object outbox = new { Directory = _folder.File("outbox") };
        await using ReloadingService service = await ReloadingService.StartAsync(_folder, new { Outbox = outbox, Streams = new[] { changes, comesAndGoes } });
        await service.WaitForFramesAsync("comesandgoes");
        int rounds = SoakFrames.IsSoak ? 100 : 2;
        for (int i = 0; i < rounds; i++)
        {
            await service.WriteAsync(new { Outbox = outbox, Streams = new[] { changes } });
            await service.Service.WaitForLogAsync("comesandgoes: removed from the configuration");
            await service.Service.WaitForLogAsync("comesandgoes: Outbox: ");
            changes["Decimals"] = 1 + (i % 8);
            await service.WriteAsync(new { Outbox = outbox, Streams = new[] { changes, comesAndGoes } });
            await service.WaitForFramesAsync("comesandgoes");
        }

        // What a busy machine has not delivered of a stream within the time for its removal waits for the stream's return.
        Assert.Equal(0, await service.StopAsync());
        foreach (string stream in (string[])["changes", "comesandgoes"])
            Assert.Equal(service.FramesOf(stream).Length, Directory.GetFiles(_folder.File(stream), "*.jpg", SearchOption.AllDirectories).Length);
        Assert.Equal(rounds + 1, service.FramesOf("comesandgoes").Count(static frame => frame == 1));
        AssertNoProblem(service, except: @"comesandgoes: \d+ reports wait for LocalJpeg, which is not configured");
    }

    [Fact]
    public async Task Change_IsWrong_NamesEveryFaultAndKeepsTheOldOneUntilItIsMended()
    {
        Dictionary<string, object> stream = ReloadingService.Stream("line1");
        await using ReloadingService service = await ReloadingService.StartAsync(_folder, new { Streams = new[] { stream } });
        await service.WaitForFramesAsync("line1");

        await service.WriteTextAsync("{ \"EdgeInference\": {");
        string noJson = await service.Service.WaitForLogAsync("the old one stays");
        stream["Decimals"] = 99;
        stream["Sorce"] = "camera";
        await service.WriteAsync(new { Streams = new[] { stream } });
        string[] faults = [await service.Service.WaitForLogAsync("the old one stays"), await service.Service.WaitForLogAsync("the old one stays")];
        await service.WaitForFramesAsync("line1");
        long[] until = service.FramesOf("line1");
        stream["Decimals"] = 4;
        stream.Remove("Sorce");
        await service.WriteAsync(new { Streams = new[] { stream } });
        await service.Service.WaitForLogAsync("line1: starts again");
        await service.WaitForFramesAsync("line1");

        Assert.Equal(0, await service.StopAsync());
        AssertNoGap(until);
        Assert.Contains("line 1 is not valid JSON", noJson, StringComparison.Ordinal);
        Assert.Contains(faults, static fault => fault.Contains("EdgeInference:Streams:0:Decimals", StringComparison.Ordinal));
        Assert.Contains(faults, static fault => fault.Contains("EdgeInference:Streams:0:Sorce: unknown key", StringComparison.Ordinal));
        Assert.Equal(3, service.Service.LogLines.Count(static line => line.Contains(" ERR ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Hangup_StreamAtFaultWasMended_StartsIt()
    {
        string model = _folder.File("late.xml");
        await using ReloadingService service = await ReloadingService.StartAsync(
            _folder, new { Streams = new[] { ReloadingService.Stream("good"), ReloadingService.Stream("late", model) } });
        await service.Service.WaitForLogAsync("late: ");
        await service.WaitForFramesAsync("good");

        File.Copy(DemoFiles.Classifier, model);
        File.Copy(Path.ChangeExtension(DemoFiles.Classifier, ".bin"), Path.ChangeExtension(model, ".bin"));
        service.Service.Send(RunningService.Hangup);
        await service.WaitForFramesAsync("late");

        Assert.Equal(0, await service.StopAsync());
        AssertNoGap(service.FramesOf("good"));
    }

    [Fact]
    public async Task Change_SharedSettingCannotBeUsed_GoesOnWithTheOldConfiguration()
    {
        Dictionary<string, object> stream = WithPictures(ReloadingService.Stream("line1"));
        await using ReloadingService service = await ReloadingService.StartAsync(
            _folder, new { Outbox = new { Directory = _folder.File("outbox") }, Streams = new[] { stream } });
        await service.WaitForFramesAsync("line1");

        await service.WriteAsync(new { Outbox = new { Directory = "/proc/no/folder" }, Streams = new[] { stream } });
        string fault = await service.Service.WaitForLogAsync("the changed configuration cannot be used");
        await service.WaitForFramesAsync("line1");

        Assert.Equal(0, await service.StopAsync());
        Assert.Contains("EdgeInference:Outbox:Directory", fault, StringComparison.Ordinal);
        Assert.Equal(
            service.FramesOf("line1").Length, Directory.GetFiles(_folder.File("line1"), "*.jpg", SearchOption.AllDirectories).Length);
    }

    /// <summary>Reports to standard output and, by way of the outbox, to a folder with the stream's name.</summary>
    private Dictionary<string, object> WithPictures(Dictionary<string, object> stream)
    {
        stream["Publishers"] = new
        {
            StandardOutput = new { Enabled = true },
            Log = new { Enabled = false },
            LocalJpeg = new { Enabled = true, Directory = _folder.File((string)stream["Name"]) },
        };
        return stream;
    }

    private static void AssertNoGap(long[] frames)
    {
        Assert.NotEmpty(frames);
        Assert.Equal(Enumerable.Range(0, frames.Length).Select(i => frames[0] + i), frames);
    }

    private static void AssertNoProblem(ReloadingService service, [StringSyntax(StringSyntaxAttribute.Regex)] string? except = null) =>
        Assert.All(
            service.Service.LogLines.Where(line => line.Length > 0 && (except is null || !Regex.IsMatch(line, except, RegexOptions.NonBacktracking))),
            static line => Assert.Contains(" INF ", line, StringComparison.Ordinal));
}
