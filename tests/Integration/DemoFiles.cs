using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests;

/// <summary>The models and videos that the project ships.</summary>
internal static class DemoFiles
{
    public const int ConveyorFrames = 500;
    public const int InspectionFrames = 250;

    public static string Detector => TestData.InRepository("models/parts-detector/parts-detector.xml");

    public static string DetectorLabels => TestData.InRepository("models/parts-detector/labels.json");

    public static string Classifier => TestData.InRepository("models/parts-classifier/parts-classifier.xml");

    public static string ClassifierLabels => TestData.InRepository("models/parts-classifier/labels.json");

    public static string Conveyor => TestData.InRepository("models/demo/conveyor.mp4");

    public static string Inspection => TestData.InRepository("models/demo/inspection.mp4");

    /// <summary>Copies the detector into a folder, to be damaged there; gives the path of its .xml.</summary>
    public static string CopyDetectorTo(TemporaryFolder folder)
    {
        File.Copy(Path.ChangeExtension(Detector, ".bin"), folder.File("parts.bin"));
        File.Copy(Detector, folder.File("parts.xml"));
        return folder.File("parts.xml");
    }
}
