using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeInference.Publishing;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>Makes reports like those of a detection with two objects, numbered in their ids.</summary>
internal static class ReportSource
{
    private static readonly byte[] Payload =
        """
        {"Object0":{"label":1,"class":"person","confidence":0.98,"xmin":0.10,"ymin":0.20,"xmax":0.30,"ymax":0.40},"Object1":{"label":3,"class":"vehicle","confidence":0.71,"xmin":0.55,"ymin":0.12,"xmax":0.93,"ymax":0.48},"timestamp":"2026-01-31T12:34:56.789012","frame_id":12345,"inference_fps":98.7}
        """u8.ToArray();

    public static Report Create(string stream, long number, ReadOnlyMemory<byte>? picture = null)
    {
        // Ids of version 7 grow with time too, so the index of the table grows at its end here as there.
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, number);
        return new Report
        {
            Id = new Guid(id, bigEndian: true),
            Stream = stream,
            Model = "person-vehicle-bike-detection",
            Kind = ReportKind.Result,
            Timestamp = TimeProvider.System.GetUtcNow(),
            Topic = "openvino/ssd",
            Payload = Payload,
            Summary = "frame 12345: person 0.98, vehicle 0.71",
            Jpeg = picture,
        };
    }

    public static long NumberOf(Report report)
    {
        Span<byte> id = stackalloc byte[16];
        report.Id.TryWriteBytes(id, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(id);
    }

    /// <summary>As incompressible as a JPEG; null for none.</summary>
    public static ReadOnlyMemory<byte>? CreatePicture(int bytes) => bytes == 0 ? (ReadOnlyMemory<byte>?)null : RandomNumberGenerator.GetBytes(bytes);
}
