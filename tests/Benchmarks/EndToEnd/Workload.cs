namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>A model and the video it is measured on.</summary>
internal sealed record Workload(string Name, string Model, string Video)
{
    /// <summary>The demo models on the demo videos, and two public models where the test data is.</summary>
    public static IReadOnlyList<Workload> FindAll()
    {
        Workload[] all =
        [
            In(Folders.Repository, "models/parts-detector/parts-detector.xml", "models/demo/conveyor.mp4"),
            In(Folders.Repository, "models/parts-classifier/parts-classifier.xml", "models/demo/inspection.mp4"),
            In(Folders.Data, "models/vehicle-detection-adas-0002/v11-FP16/vehicle-detection-adas-0002.xml", "videos/car-detection.mp4"),
            In(Folders.Data, "models/squeezenet1.1/v10-FP16/squeezenet1.1.xml", "videos/bottle-detection.mp4"),
        ];
        return [.. all.Where(static workload => File.Exists(workload.Model) && File.Exists(workload.Video))];
    }

    public static Workload Of(string model, string video) =>
        new($"{Path.GetFileNameWithoutExtension(model)} on {Path.GetFileName(video)}", Path.GetFullPath(model), Path.GetFullPath(video));

    private static Workload In(string folder, string model, string video) =>
        Of(Path.Combine(folder, model), Path.Combine(folder, video));
}
