namespace EdgeInference.Reporting;

/// <summary>A report that was asked for, by one or by several who wait for it.</summary>
internal sealed class ReportRequest
{
    private readonly TaskCompletionSource<ReportReceipt> _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the publishers have it.</summary>
    public Task<ReportReceipt> HandedOver => _handedOver.Task;

    /// <summary>The report, once it is made. Under the lock of <see cref="ReportingControl"/>.</summary>
    public ReportReceipt? Made { get; set; }

    /// <summary>How many wait. Under the lock of <see cref="ReportingControl"/>.</summary>
    public int Waiting { get; set; }

    public void Complete() => _handedOver.TrySetResult(Made!);
}
