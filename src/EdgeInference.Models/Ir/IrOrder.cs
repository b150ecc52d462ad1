using EdgeInference.Inference;

namespace EdgeInference.Models.Ir;

/// <summary>Brings layers into an order in which each stands after those that feed it.</summary>
internal static class IrOrder
{
    /// <returns>Every layer with the output ports that feed its input ports, in port order.</returns>
    /// <exception cref="ModelException">An edge leads nowhere, an input is fed not exactly once, or there is a cycle.</exception>
    public static IReadOnlyList<ConnectedLayer> Sort(IrDocument document, string path)
    {
        Dictionary<long, IrLayer> byId = Index(document, path);
        Dictionary<(long Layer, long Port), IrEdge> incoming = Connect(document, byId, path);
        ILookup<long, long> followers = document.Edges.ToLookup(static e => e.FromLayer, static e => e.ToLayer);
        Dictionary<long, int> waiting = document.Layers.ToDictionary(static l => l.Id, static l => l.Inputs.Count);

        // The file's own order is kept where it can be, so that inputs and outputs stay in it.
        var ready = new PriorityQueue<IrLayer, int>();
        Dictionary<long, int> position = document.Layers.Select(static (layer, i) => (layer.Id, i)).ToDictionary(static p => p.Id, static p => p.i);
        foreach (IrLayer layer in document.Layers.Where(static l => l.Inputs.Count == 0))
            ready.Enqueue(layer, position[layer.Id]);

        var sorted = new List<ConnectedLayer>(document.Layers.Count);
        while (ready.TryDequeue(out IrLayer? layer, out _))
        {
            sorted.Add(new ConnectedLayer(layer, [.. layer.Inputs.Select(port => Source(incoming[(layer.Id, port.Id)], byId))]));
            foreach (long follower in followers[layer.Id])
            {
                if (--waiting[follower] == 0)
                    ready.Enqueue(byId[follower], position[follower]);
            }
        }

        if (sorted.Count < document.Layers.Count)
        {
            IrLayer stuck = document.Layers.First(layer => waiting[layer.Id] > 0);
            throw new ModelException($"{path}: layer '{stuck.Name}' ({stuck.Type}) is in a cycle or behind one.");
        }

        return sorted;
    }

    private static Dictionary<long, IrLayer> Index(IrDocument document, string path)
    {
        var byId = new Dictionary<long, IrLayer>();
        foreach (IrLayer layer in document.Layers)
        {
            if (!byId.TryAdd(layer.Id, layer))
                throw new ModelException($"{path}: layers '{byId[layer.Id].Name}' and '{layer.Name}' ({layer.Type}) have the same id {layer.Id}.");
            if (layer.Inputs.Concat(layer.Outputs).GroupBy(static p => p.Id).Any(static g => g.Count() > 1))
                throw new ModelException($"{path}: layer '{layer.Name}' ({layer.Type}) has two ports with the same id.");
        }

        return byId;
    }

    private static Dictionary<(long Layer, long Port), IrEdge> Connect(IrDocument document, Dictionary<long, IrLayer> byId, string path)
    {
        var incoming = new Dictionary<(long Layer, long Port), IrEdge>();
        foreach (IrEdge edge in document.Edges)
        {
            if (!byId.TryGetValue(edge.FromLayer, out IrLayer? from) || !byId.TryGetValue(edge.ToLayer, out IrLayer? to))
                throw new ModelException($"{path}: an edge joins layers {edge.FromLayer} and {edge.ToLayer}, which are not both there.");
            if (from.Outputs.All(port => port.Id != edge.FromPort))
                throw new ModelException($"{path}: an edge starts at output {edge.FromPort} of layer '{from.Name}' ({from.Type}), which has no such output.");
            if (to.Inputs.All(port => port.Id != edge.ToPort))
                throw new ModelException($"{path}: an edge ends at input {edge.ToPort} of layer '{to.Name}' ({to.Type}), which has no such input.");
            if (!incoming.TryAdd((edge.ToLayer, edge.ToPort), edge))
                throw new ModelException($"{path}: two edges end at input {edge.ToPort} of layer '{to.Name}' ({to.Type}).");
        }

        foreach (IrLayer layer in document.Layers)
        {
            if (layer.Inputs.FirstOrDefault(port => !incoming.ContainsKey((layer.Id, port.Id))) is { } port)
                throw new ModelException($"{path}: no edge feeds input {port.Id} of layer '{layer.Name}' ({layer.Type}).");
        }

        return incoming;
    }

    private static IrSource Source(IrEdge edge, Dictionary<long, IrLayer> byId)
    {
        IrLayer layer = byId[edge.FromLayer];
        int index = layer.Outputs.TakeWhile(port => port.Id != edge.FromPort).Count();
        return new IrSource(layer, index);
    }
}

/// <summary>A layer and what feeds it.</summary>
internal sealed record ConnectedLayer(IrLayer Layer, IReadOnlyList<IrSource> Sources);

/// <summary>An output of a layer, by its place among the layer's output ports.</summary>
internal sealed record IrSource(IrLayer Layer, int Index)
{
    public IrPort Port => Layer.Outputs[Index];

    /// <summary>
    /// The tensor's name (of several the layer's own, which people chose, rather than a converter's number), else the
    /// layer's, followed by the port's place where the layer has several outputs.
    /// </summary>
    public string Name =>
        Port.Names.Contains(Layer.Name, StringComparer.Ordinal) ? Layer.Name
        : Port.Names.Count > 0 ? Port.Names[0]
        : Layer.Outputs.Count == 1 ? Layer.Name
        : $"{Layer.Name}.{Index}";
}
