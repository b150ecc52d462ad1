namespace EdgeInference.Models.Graphs;

/// <summary>Why a layer cannot be translated; the translator adds the file and the layer.</summary>
internal sealed class LayerException(string message, Exception? innerException = null) : Exception(message, innerException);
