namespace EdgeInference.Models.Passes;

/// <summary>Who is to read the ONNX.</summary>
internal enum OnnxTarget
{
    /// <summary>ONNX Runtime on this machine's processor: in the forms that it runs fastest, its own operators among them.</summary>
    OnnxRuntime,

    /// <summary>Any tool: operators of the ONNX standard only.</summary>
    Standard,

    /// <summary>Any tool, without the passes that only make it faster.</summary>
    Plain,
}
