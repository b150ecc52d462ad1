using EdgeInference.Inference;

namespace EdgeInference.Models.Ir;

/// <summary>Brings layers into an order in which each stands after those that feed it.</summary>
internal static class IrOrder
{
    /// <returns>Every layer with the output ports that feed its input ports, in port order.</returns>
    /// <exception cref="ModelException">An edge leads nowhere, an input is fed not exactly once, or there is a cycle.</exception>
    public static IReadOnlyList<ConnectedLayer> Sort(IrDocument document, string path)
    {
        IrPorts ports = new(document.Layers, path);
        IrSource[][] sources = Connect(document, ports, path);
        List<int>?[] followers = Followers(document, ports);
        int[] waiting = [.. document.Layers.Select(static layer => layer.Inputs.Length)];

        // The file's own order is kept where it can be, so that inputs and outputs stay in it.
        var ready = new PriorityQueue<int, int>(Enumerable.Range(0, waiting.Length).Where(i => waiting[i] == 0).Select(static i => (i, i)));
        var sorted = new List<ConnectedLayer>(document.Layers.Count);
        while (ready.TryDequeue(out int index, out _))
        {
            sorted.Add(new ConnectedLayer(document.Layers[index], sources[index]));
            foreach (int follower in followers[index] ?? [])
            {
                if (--waiting[follower] == 0)
                    ready.Enqueue(follower, follower);
            }
        }

        if (sorted.Count < document.Layers.Count)
        {
            IrLayer stuck = document.Layers[Array.FindIndex(waiting, static inputs => inputs > 0)];
            throw new ModelException($"{path}: layer '{stuck.Name}' ({stuck.Type}) is in a cycle or behind one.");
        }

        return sorted;
    }

    private static IrSource[][] Connect(IrDocument document, IrPorts ports, string path)
    {
        IrSource[][] sources = [.. document.Layers.Select(static layer => layer.Inputs.Length == 0 ? [] : new IrSource[layer.Inputs.Length])];
        foreach (IrEdge edge in document.Edges)
        {
            int fromIndex = ports.Layer(edge.FromLayer);
            int toIndex = ports.Layer(edge.ToLayer);
            if (fromIndex < 0 || toIndex < 0)
                throw new ModelException($"{path}: an edge joins layers {edge.FromLayer} and {edge.ToLayer}, which are not both there.");
            (IrLayer from, IrLayer to) = (document.Layers[fromIndex], document.Layers[toIndex]);
            int output = ports.Output(fromIndex, edge.FromPort);
            int input = ports.Input(toIndex, edge.ToPort);
            if (output < 0)
                throw new ModelException($"{path}: an edge starts at output {edge.FromPort} of layer '{from.Name}' ({from.Type}), which has no such output.");
            if (input < 0)
                throw new ModelException($"{path}: an edge ends at input {edge.ToPort} of layer '{to.Name}' ({to.Type}), which has no such input.");
            if (sources[toIndex][input].Layer is not null)
                throw new ModelException($"{path}: two edges end at input {edge.ToPort} of layer '{to.Name}' ({to.Type}).");
            sources[toIndex][input] = new IrSource(from, output);
        }

        for (int i = 0; i < sources.Length; i++)
        {
            IrLayer layer = document.Layers[i];
            int missing = Array.FindIndex(sources[i], static source => source.Layer is null);
            if (missing >= 0)
                throw new ModelException($"{path}: no edge feeds input {layer.Inputs[missing].Id} of layer '{layer.Name}' ({layer.Type}).");
        }

        return sources;
    }

    private static List<int>?[] Followers(IrDocument document, IrPorts ports)
    {
        var followers = new List<int>?[document.Layers.Count];
        foreach (IrEdge edge in document.Edges)
            (followers[ports.Layer(edge.FromLayer)] ??= []).Add(ports.Layer(edge.ToLayer));
        return followers;
    }
}

/// <summary>A layer and what feeds it.</summary>
internal sealed record ConnectedLayer(IrLayer Layer, IReadOnlyList<IrSource> Sources);

/// <summary>An output of a layer, by its place among the layer's output ports.</summary>
internal readonly record struct IrSource(IrLayer Layer, int Index)
{
    public IrPort Port => Layer.Outputs[Index];

    /// <summary>
    /// The tensor's name (of several the layer's own, which people chose, rather than a converter's number), else the
    /// layer's, followed by the port's place where the layer has several outputs.
    /// </summary>
    public string Name =>
        Port.Names.Contains(Layer.Name, StringComparer.Ordinal) ? Layer.Name
        : Port.Names.Count > 0 ? Port.Names[0]
        : Layer.Outputs.Length == 1 ? Layer.Name
        : $"{Layer.Name}.{Index}";
}
