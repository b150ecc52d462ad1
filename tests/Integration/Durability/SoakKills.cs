using System.Globalization;

namespace EdgeInference.Integration.Tests.Durability;

/// <summary>Where a kill is aimed at.</summary>
internal enum Aim
{
    /// <summary>While a transaction is being written to the write-ahead log of the outbox.</summary>
    DuringWrite,

    /// <summary>When it is written, and not yet known to be on the disk.</summary>
    DuringFlush,

    /// <summary>When a report is on its way to a server, or there and not confirmed.</summary>
    DuringSend,

    /// <summary>When a report is confirmed, and that is not yet written down.</summary>
    AfterConfirmation,

    AnyMoment,
}

/// <summary>How many kills the test does: EDGEINFERENCE_SOAK_KILLS, or a short slice.</summary>
internal static class SoakKills
{
    /// <summary>The kills wanted of each aim.</summary>
    public static IReadOnlyDictionary<Aim, int> Wanted { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_SOAK_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int kills) && kills > 20
            ? Share(kills)
            : new Dictionary<Aim, int>
            {
                [Aim.DuringWrite] = 2,
                [Aim.DuringFlush] = 1,
                [Aim.DuringSend] = 5,
                [Aim.AfterConfirmation] = 3,
                [Aim.AnyMoment] = 3,
            };

    /// <summary>A fifth for each place that matters, the rest for those that nobody thought of.</summary>
    private static Dictionary<Aim, int> Share(int kills)
    {
        int fifth = kills / 5;
        return new Dictionary<Aim, int>
        {
            [Aim.DuringWrite] = fifth - (fifth / 2),
            [Aim.DuringFlush] = fifth / 2,
            [Aim.DuringSend] = fifth,
            [Aim.AfterConfirmation] = fifth,
            [Aim.AnyMoment] = kills - (3 * fifth),
        };
    }
}
