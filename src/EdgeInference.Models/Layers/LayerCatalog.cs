using System.Reflection;

namespace EdgeInference.Models.Layers;

/// <summary>The supported layer types of one generation of IR, by name.</summary>
internal sealed class LayerCatalog
{
    private readonly Dictionary<string, Layer> _layers;

    private LayerCatalog(IEnumerable<(string Type, Layer Layer)> layers, StringComparer comparer) =>
        _layers = layers.ToDictionary(static l => l.Type, static l => l.Layer, comparer);

    /// <summary>IR v10 and newer.</summary>
    public static LayerCatalog Opset { get; } =
        new(Find<OpsetLayerAttribute>(static a => a.Type), StringComparer.Ordinal);

    /// <summary>IR v2 to v7, whose readers did not tell upper from lower case.</summary>
    public static LayerCatalog Legacy { get; } =
        new(Find<LegacyLayerAttribute>(static a => a.Type), StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<string> Types => _layers.Keys;

    public Layer? Find(string type) => _layers.GetValueOrDefault(type);

    private static IEnumerable<(string Type, Layer Layer)> Find<T>(Func<T, string> type)
        where T : Attribute =>
        from candidate in typeof(Layer).Assembly.GetTypes()
        where candidate.IsSubclassOf(typeof(Layer)) && candidate.GetCustomAttributes<T>().Any()
        let layer = (Layer)Activator.CreateInstance(candidate)!
        from attribute in candidate.GetCustomAttributes<T>()
        select (type(attribute), layer);
}
