using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Caching;

/// <summary>
/// A file of the cache: a mark, the key, the length and the SHA-256 of the rest; then the length of the description, the
/// description (JSON) and the optimised ONNX model. Numbers are little-endian.
/// </summary>
internal static class CacheEntry
{
    private const int LengthOffset = 8 + ModelKey.Length;
    private const int HashOffset = LengthOffset + sizeof(long);
    private const int HeaderSize = HashOffset + SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Mark => "EIMODEL\u0001"u8;

    public static void Write(Stream file, ModelKey key, InferenceModel model, ReadOnlySpan<byte> optimized)
    {
        byte[] description = CachedModel.Of(model).ToJson();
        Span<byte> size = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(size, description.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(size);
        hash.AppendData(description);
        hash.AppendData(optimized);

        Span<byte> header = stackalloc byte[HeaderSize];
        Mark.CopyTo(header);
        key.Bytes.CopyTo(header[Mark.Length..]);
        BinaryPrimitives.WriteInt64LittleEndian(header[LengthOffset..], (long)size.Length + description.Length + optimized.Length);
        hash.GetHashAndReset(header[HashOffset..]);
        file.Write(header);
        file.Write(size);
        file.Write(description);
        file.Write(optimized);
    }

    /// <param name="file">The file from its beginning.</param>
    /// <param name="key">The key that it must be for.</param>
    /// <param name="path">Where the model came from.</param>
    /// <exception cref="InvalidDataException">It is not exactly what was once written for that key.</exception>
    public static InferenceModel Read(Stream file, ModelKey key, string path)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        if (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize || !header.StartsWith(Mark))
            throw new InvalidDataException("it has no header");
        if (!header.Slice(Mark.Length, ModelKey.Length).SequenceEqual(key.Bytes))
            throw new InvalidDataException("it is for another model");
        long length = BinaryPrimitives.ReadInt64LittleEndian(header[LengthOffset..]);
        if (length != file.Length - HeaderSize || length < sizeof(int) || length > Array.MaxLength)
            throw new InvalidDataException("it has another length than it says");

        byte[] payload = GC.AllocateUninitializedArray<byte>((int)length);
        if (file.ReadAtLeast(payload, payload.Length, throwOnEndOfStream: false) < payload.Length
            || !SHA256.HashData(payload).AsSpan().SequenceEqual(header[HashOffset..]))
        {
            throw new InvalidDataException("its content has changed");
        }

        return Parse(payload, path);
    }

    private static InferenceModel Parse(byte[] payload, string path)
    {
        int size = BinaryPrimitives.ReadInt32LittleEndian(payload);
        if (size < 0 || size > payload.Length - sizeof(int))
            throw new InvalidDataException("its description is longer than itself");
        try
        {
            return CachedModel.FromJson(payload.AsSpan(sizeof(int), size)).ToModel(path, payload.AsMemory(sizeof(int) + size));
        }
        catch (Exception exception) when (exception is JsonException or LayerException)
        {
            throw new InvalidDataException($"its description is wrong: {exception.Message}", exception);
        }
    }
}
