using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgeInference.Models.Caching;

/// <summary>Names one compiled form of one model: whatever could change it goes into the hash.</summary>
public sealed class ModelKey : IEquatable<ModelKey>
{
    internal const int Length = SHA256.HashSizeInBytes;

    private const int BlockSize = 1 << 18;

    private readonly byte[] _hash;

    private ModelKey(byte[] hash) => _hash = hash;

    internal ReadOnlySpan<byte> Bytes => _hash;

    /// <summary>Reads the model's files once; far cheaper than translating them.</summary>
    /// <param name="path">The model file.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="engine">The engine, its version and settings, and the processor.</param>
    /// <returns>Null when a file cannot be read, which whoever reads the model will explain.</returns>
    internal static ModelKey? Of(string path, ModelFileOptions options, string engine)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // This build of the translation: a different compilation has a different identifier.
        hash.AppendData(typeof(ModelKey).Module.ModuleVersionId.ToByteArray());
        Append(hash, engine);
        Append(hash, $"{options.IntegerKernels}, {options.FloatInterface}, {options.Target}");
        foreach ((string name, long[] shape) in (options.InputShapes ?? new Dictionary<string, long[]>()).OrderBy(static s => s.Key, StringComparer.Ordinal))
            Append(hash, $"{name}={string.Join(',', shape)}");
        try
        {
            AppendFile(hash, path);
            if (ModelFile.WeightsOf(path) is { } weights)
                AppendFile(hash, weights);
            return new ModelKey(hash.GetHashAndReset());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    public override string ToString() => Convert.ToHexStringLower(_hash);

    public bool Equals(ModelKey? other) => other is not null && _hash.AsSpan().SequenceEqual(other._hash);

    public override bool Equals(object? obj) => Equals(obj as ModelKey);

    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(_hash);

    private static void AppendFile(IncrementalHash hash, string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        AppendLength(hash, file.Length);
        byte[] block = GC.AllocateUninitializedArray<byte>(BlockSize);
        for (int read; (read = file.Read(block)) > 0;)
            hash.AppendData(block.AsSpan(0, read));
    }

    private static void Append(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        AppendLength(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void AppendLength(IncrementalHash hash, long length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        hash.AppendData(bytes);
    }
}
