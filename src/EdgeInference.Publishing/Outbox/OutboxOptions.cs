using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Publishing.Outbox;

/// <summary>Where reports are kept until every publisher has delivered them, and how many.</summary>
public sealed class OutboxOptions
{
    /// <summary>The folder of the outbox; made when it is not there, for this user only. One service at a time. Default: systemd's $STATE_DIRECTORY, else edge-inference in $XDG_STATE_HOME or ~/.local/state.</summary>
    public string? Directory { get; set; }

    /// <summary>Megabytes of disk that waiting reports may take; beyond it the oldest are evicted, counted, and the loss is itself reported.</summary>
    [Range(1, 1 << 20)]
    public int LimitMegabytes { get; set; } = 1024;

    /// <summary>Age beyond which waiting reports are evicted, by the clock of the box; 0 keeps them whatever their age.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.Zero;
}
