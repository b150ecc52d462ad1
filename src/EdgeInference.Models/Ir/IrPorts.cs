using EdgeInference.Inference;

namespace EdgeInference.Models.Ir;

/// <summary>Finds layers and their ports by the numbers that edges name them with.</summary>
internal sealed class IrPorts
{
    private readonly Dictionary<long, int> _layers = [];
    private readonly Dictionary<(int Layer, long Port), int> _inputs = [];
    private readonly Dictionary<(int Layer, long Port), int> _outputs = [];

    /// <exception cref="ModelException">A number is there twice.</exception>
    public IrPorts(IReadOnlyList<IrLayer> layers, string path)
    {
        for (int index = 0; index < layers.Count; index++)
        {
            IrLayer layer = layers[index];
            if (!_layers.TryAdd(layer.Id, index))
                throw new ModelException($"{path}: layers '{layers[_layers[layer.Id]].Name}' and '{layer.Name}' ({layer.Type}) have the same id {layer.Id}.");
            for (int i = 0; i < layer.Inputs.Length; i++)
                Add(_inputs, i, layer.Inputs[i], layer);
            for (int i = 0; i < layer.Outputs.Length; i++)
                Add(_outputs, i, layer.Outputs[i], layer);

            void Add(Dictionary<(int Layer, long Port), int> ports, int place, IrPort port, IrLayer of)
            {
                if (_inputs.ContainsKey((index, port.Id)) || !ports.TryAdd((index, port.Id), place))
                    throw new ModelException($"{path}: layer '{of.Name}' ({of.Type}) has two ports with the same id.");
            }
        }
    }

    /// <summary>The place of a layer in the file; -1 where there is none of that id.</summary>
    public int Layer(long id) => _layers.GetValueOrDefault(id, -1);

    /// <summary>The place of a port among the inputs of a layer; -1 where there is none of that id.</summary>
    public int Input(int layer, long id) => _inputs.GetValueOrDefault((layer, id), -1);

    /// <summary>The place of a port among the outputs of a layer; -1 where there is none of that id.</summary>
    public int Output(int layer, long id) => _outputs.GetValueOrDefault((layer, id), -1);
}
