using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ir;

/// <summary>What the layers translated so far give, until the last layer that takes it: what weights are unpacked from must not stay in memory.</summary>
internal sealed class LayerValues
{
    private readonly Dictionary<(long Layer, int Output), Value> _values = [];
    private readonly Dictionary<(long Layer, int Output), int> _waiting = [];
    private readonly List<(IrSource Source, Value Value)> _unused = [];

    public LayerValues(IReadOnlyList<ConnectedLayer> layers)
    {
        foreach (IrSource source in layers.SelectMany(static layer => layer.Sources))
            _waiting[(source.Layer.Id, source.Index)] = _waiting.GetValueOrDefault((source.Layer.Id, source.Index)) + 1;
    }

    /// <summary>The values that no layer takes, where they were asked to be kept, in the order of their layers.</summary>
    public IReadOnlyList<(IrSource Source, Value Value)> Unused => _unused;

    /// <summary>The values at a layer's inputs.</summary>
    /// <exception cref="LayerException">The layer before does not give one of them.</exception>
    public Value[] Take(ConnectedLayer layer)
    {
        Value[] inputs = [.. layer.Sources.Select(source => _values.GetValueOrDefault((source.Layer.Id, source.Index))
            ?? throw new LayerException($"output {source.Index} of '{source.Layer.Name}' ({source.Layer.Type}) is not supported"))];
        foreach (IrSource source in layer.Sources)
        {
            if (--_waiting[(source.Layer.Id, source.Index)] == 0)
                _values.Remove((source.Layer.Id, source.Index));
        }

        return inputs;
    }

    public void Put(ConnectedLayer layer, IReadOnlyList<Value> outputs, bool keepUnused)
    {
        for (int i = 0; i < Math.Min(outputs.Count, layer.Layer.Outputs.Length); i++)
        {
            if (_waiting.ContainsKey((layer.Layer.Id, i)))
                _values[(layer.Layer.Id, i)] = outputs[i];
            else if (keepUnused)
                _unused.Add((new IrSource(layer.Layer, i), outputs[i]));
        }
    }
}
