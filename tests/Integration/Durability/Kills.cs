namespace EdgeInference.Integration.Tests.Durability;

/// <summary>How one kill went.</summary>
/// <param name="Hit">What it hit, where that was shown; null where it missed.</param>
/// <param name="Snapshot">What it left.</param>
/// <param name="Log">What the service had said.</param>
internal sealed record KillOutcome(string? Hit, OutboxSnapshot Snapshot, string Log);

/// <summary>Starts the service and kills it, aimed.</summary>
internal sealed class Kills(Installation installation, Random random)
{
    private const int KilledExitCode = 128 + RunningService.Kill;

    // Of the thread that writes the outbox: past what it does at the start, and reached within seconds.
    private const int FirstWrite = 100;
    private const int LastWrite = 3000;
    private const int FirstFlush = 4;
    private const int LastFlush = 60;

    /// <summary>A line of the log: a stream has its first picture.</summary>
    private const string FirstPicture = ": pictures of ";

    // Generous: it only ends what hangs.
    private static readonly TimeSpan HangDeadline = TimeSpan.FromSeconds(60);

    // How long streams run after their first picture, until a trap is armed, and a start lasts before it, at most.
    private static readonly TimeSpan Running = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Arming = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Starting = TimeSpan.FromSeconds(1);

    /// <param name="aim">Where to.</param>
    /// <param name="variant">Which of the moments that belong to the aim: they take turns.</param>
    public async Task<KillOutcome> RunAsync(Aim aim, int variant)
    {
        try
        {
            return aim switch
            {
                Aim.DuringWrite => await TraceAsync(aim, random.Next(FirstWrite, LastWrite)),
                Aim.DuringFlush => await TraceAsync(aim, random.Next(FirstFlush, LastFlush)),
                Aim.DuringSend => await SendAsync(variant),
                Aim.AfterConfirmation => await ConfirmAsync(),
                _ => await WaitAsync(isAtStart: variant % 3 == 1),
            };
        }
        finally
        {
            installation.Disarm();
        }
    }

    private async Task<KillOutcome> TraceAsync(Aim aim, int call)
    {
        string output = installation.InFolder("strace.txt");
        File.Delete(output);
        var tracer = new Strace(output, installation.OutboxPath + "-wal", aim);
        await using RunningService service = await installation.StartServiceAsync(tracer.CommandLine(call));
        int exitCode = await service.WaitForExitAsync().WaitAsync(HangDeadline);
        OutboxSnapshot snapshot = OutboxSnapshot.Take(installation.OutboxPath);
        bool hasHit = exitCode == KilledExitCode && tracer.HasKilled() && (aim == Aim.DuringFlush || snapshot.Log.TornFrames > 0);
        return new KillOutcome(hasHit ? aim == Aim.DuringFlush ? "during a flush of the log" : "in a half-written transaction" : null, snapshot, service.Log);
    }

    private async Task<KillOutcome> SendAsync(int variant)
    {
        await using RunningService service = await installation.StartServiceAsync();
        await WaitToArmAsync(service);
        (string hit, Task struck) = (variant % 5) switch
        {
            0 => ("in a half-sent MQTT publication", installation.MqttProxy.Arm(WireMoment.HalfSent, Strike)),
            1 => ("in a half-sent PUT to S3", installation.S3Proxy.Arm(WireMoment.HalfSent, Strike)),
            2 => ("in a half-sent POST to Kinesis", installation.KinesisProxy.Arm(WireMoment.HalfSent, Strike)),
            3 => ("before the answer to a webhook", installation.ArmWeb(Strike)),
            _ => ("before the PUBACK of MQTT", installation.MqttProxy.Arm(WireMoment.Unconfirmed, Strike)),
        };
        await struck.WaitAsync(HangDeadline);
        bool isKilled = await service.WaitForExitAsync() == KilledExitCode;
        OutboxSnapshot snapshot = OutboxSnapshot.Take(installation.OutboxPath);
        return new KillOutcome(isKilled ? hit : null, snapshot, service.Log);

        void Strike() => service.Send(RunningService.Kill);
    }

    /// <summary>The service is given a PUBACK and killed before it has written down what that means.</summary>
    private async Task<KillOutcome> ConfirmAsync()
    {
        await using RunningService service = await installation.StartServiceAsync();
        await WaitToArmAsync(service);
        WirePoint point = await installation.MqttProxy.Arm(WireMoment.Confirmed, () => service.Send(RunningService.Kill)).WaitAsync(HangDeadline);
        bool isKilled = await service.WaitForExitAsync() == KilledExitCode;
        OutboxSnapshot snapshot = OutboxSnapshot.Take(installation.OutboxPath);
        bool hasHit = isKilled && point.ReportId is { } id && snapshot.IsWaiting(id, "Mqtt");
        return new KillOutcome(hasHit ? "between a PUBACK and the cursor" : null, snapshot, service.Log);
    }

    private async Task<KillOutcome> WaitAsync(bool isAtStart)
    {
        await using RunningService service = await installation.StartServiceAsync();
        if (!isAtStart)
            await WaitForPicturesAsync(service);

        // A delay, because there is nothing to wait for: any moment is as good.
        await Task.Delay((isAtStart ? Starting : Running) * random.NextDouble());
        service.Send(RunningService.Kill);
        bool isKilled = await service.WaitForExitAsync() == KilledExitCode;
        return new KillOutcome(
            isKilled ? isAtStart ? "during the start" : "at any moment" : null, OutboxSnapshot.Take(installation.OutboxPath), service.Log);
    }

    private static async Task WaitForPicturesAsync(RunningService service)
    {
        foreach (string _ in Installation.Streams)
            await service.WaitForLogAsync(FirstPicture).WaitAsync(HangDeadline);
    }

    /// <summary>Lets a trap catch more than what every start sends first.</summary>
    private async Task WaitToArmAsync(RunningService service)
    {
        await WaitForPicturesAsync(service);
        await Task.Delay(Arming * random.NextDouble());
    }
}
