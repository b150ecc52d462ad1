using System.Buffers.Binary;

namespace EdgeInference.Integration.Tests.Swapping;

/// <summary>A model file that is replaced while a service uses it.</summary>
internal sealed class ModelVersions(TemporaryFolder folder)
{
    // The bias of the classifier's last layer: six halves.
    private const int HeadBias = 178_104;
    private const int Classes = 6;

    public string Path => folder.File("model.xml");

    private string Weights => folder.File("model.bin");

    /// <summary>The classifier as it is shipped.</summary>
    public void CopyOriginal()
    {
        File.Copy(System.IO.Path.ChangeExtension(DemoFiles.Classifier, ".bin"), Weights, overwrite: true);
        File.Copy(DemoFiles.Classifier, Path, overwrite: true);
    }

    /// <summary>The classifier under another name, which sees the last class everywhere; moved into place, as deployments do.</summary>
    public void MoveVersion2()
    {
        Replace(Weights, WithBias(classId => classId == Classes - 1 ? (Half)60 : (Half)0));
        string xml = File.ReadAllText(DemoFiles.Classifier).Replace("<net name=\"parts-classifier\"", "<net name=\"parts-classifier-2\"", StringComparison.Ordinal);
        File.WriteAllText(Path + ".new", xml);
        File.Move(Path + ".new", Path, overwrite: true);
    }

    /// <summary>The classifier with weights that make all of its outputs NaN.</summary>
    public void CopyNaN() => File.WriteAllBytes(Weights, WithBias(static _ => Half.NaN));

    public void CopyGarbage() => File.WriteAllText(Path, "<net this is no model");

    /// <summary>The detector.</summary>
    public void CopyOtherKind()
    {
        File.Copy(System.IO.Path.ChangeExtension(DemoFiles.Detector, ".bin"), Weights, overwrite: true);
        File.Copy(DemoFiles.Detector, Path, overwrite: true);
    }

    private static byte[] WithBias(Func<int, Half> bias)
    {
        byte[] weights = File.ReadAllBytes(System.IO.Path.ChangeExtension(DemoFiles.Classifier, ".bin"));
        for (int i = 0; i < Classes; i++)
            BinaryPrimitives.WriteHalfLittleEndian(weights.AsSpan(HeadBias + (2 * i)), bias(i));
        return weights;
    }

    private static void Replace(string path, byte[] content)
    {
        File.WriteAllBytes(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
    }
}
