using System.Globalization;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>How much is measured, and where.</summary>
internal sealed record OutboxArguments
{
    public const string Usage = "[--seconds 60] [--rate 1000] [--picture-rate 100] [--rows 1000000] [--limit 100] [--folder DIR]";

    /// <summary>Of each paced run.</summary>
    public int Seconds { get; init; } = 60;

    /// <summary>Reports a second, all streams together.</summary>
    public int Rate { get; init; } = 1000;

    /// <summary>Reports a second that have a picture.</summary>
    public int PictureRate { get; init; } = 100;

    /// <summary>Reports that wait.</summary>
    public int Rows { get; init; } = 1_000_000;

    /// <summary>Megabytes, where the limit is what is measured.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>On the disk that is measured.</summary>
    public string Folder { get; init; } = Path.GetTempPath();

    /// <returns>Null when they cannot be understood.</returns>
    public static OutboxArguments? Parse(string[] options)
    {
        var arguments = new OutboxArguments();
        foreach (string[] option in options.Chunk(2))
        {
            if (option is ["--folder", var folder])
            {
                arguments = arguments with { Folder = folder };
                continue;
            }

            if (option.Length < 2 || !int.TryParse(option[1], NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value == 0)
                return null;
            switch (option[0])
            {
                case "--seconds": arguments = arguments with { Seconds = value }; break;
                case "--rate": arguments = arguments with { Rate = value }; break;
                case "--picture-rate": arguments = arguments with { PictureRate = value }; break;
                case "--rows": arguments = arguments with { Rows = value }; break;
                case "--limit": arguments = arguments with { Limit = value }; break;
                default: return null;
            }
        }

        return arguments;
    }
}
