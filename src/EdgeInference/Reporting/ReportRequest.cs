namespace EdgeInference.Reporting;

/// <summary>A report that was asked for, by one or by several who wait for it.</summary>
internal sealed class ReportRequest
{
    private readonly TaskCompletionSource<ReportReceipt> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ReportReceipt> Made => _made.Task;

    /// <summary>How many wait. Under the lock of <see cref="ReportingControl"/>.</summary>
    public int Waiting { get; set; }

    public void Complete(ReportReceipt receipt) => _made.TrySetResult(receipt);
}
