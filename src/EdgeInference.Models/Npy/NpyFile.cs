using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using EdgeInference.Inference;

namespace EdgeInference.Models.Npy;

/// <summary>NumPy's .npy format, version 1.0, little-endian and in C order: one tensor a file.</summary>
public static partial class NpyFile
{
    private const int PrefixLength = 10;
    private const int HeaderAlignment = 64;
    private const int HighestRank = 32;

    private static readonly Dictionary<string, TensorElementType> Types = new(StringComparer.Ordinal)
    {
        ["<f4"] = TensorElementType.Float32,
        ["<f2"] = TensorElementType.Float16,
        ["<f8"] = TensorElementType.Float64,
        ["|i1"] = TensorElementType.Int8,
        ["<i2"] = TensorElementType.Int16,
        ["<i4"] = TensorElementType.Int32,
        ["<i8"] = TensorElementType.Int64,
        ["|u1"] = TensorElementType.UInt8,
        ["|b1"] = TensorElementType.Boolean,
    };

    /// <summary>What every file starts with, version included.</summary>
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];

    /// <exception cref="InvalidDataException">The file is damaged, or of a type or order that is not supported.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> prefix = stackalloc byte[PrefixLength];
        if (stream.ReadAtLeast(prefix, PrefixLength, throwOnEndOfStream: false) < PrefixLength || !prefix.StartsWith(Magic))
            throw new InvalidDataException($"{path}: not a .npy file of version 1.0.");
        var header = new byte[BinaryPrimitives.ReadUInt16LittleEndian(prefix[8..])];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            throw new InvalidDataException($"{path}: ends inside its header.");

        (TensorElementType type, long[] shape) = ParseHeader(Encoding.Latin1.GetString(header), path);
        long bytes = SizeInBytes(type, shape, path);
        if (stream.Length - stream.Position != bytes)
            throw new InvalidDataException($"{path}: holds {stream.Length - stream.Position} bytes of data where its shape needs {bytes}.");
        var tensor = new Tensor(type, shape);
        stream.ReadExactly(tensor.Bytes);
        return tensor;
    }

    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Tensor tensor)
    {
        string type = Types.First(t => t.Value == tensor.ElementType).Key;
        string shape = string.Concat(tensor.Shape.ToArray().Select(static d => string.Create(CultureInfo.InvariantCulture, $"{d}, ")));
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({(tensor.Shape.Length == 1 ? shape.TrimEnd() : shape.TrimEnd(' ', ','))}), }}";
        int padding = HeaderAlignment - ((PrefixLength + header.Length + 1) % HeaderAlignment);
        header = $"{header}{new string(' ', padding % HeaderAlignment)}\n";

        using FileStream stream = File.Create(path);
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        stream.Write(Magic);
        stream.Write(length);
        stream.Write(Encoding.Latin1.GetBytes(header));
        stream.Write(tensor.Bytes);
    }

    private static (TensorElementType Type, long[] Shape) ParseHeader(string header, string path)
    {
        Match match = HeaderPattern().Match(header);
        if (!match.Success)
            throw new InvalidDataException($"{path}: its header '{header.TrimEnd()}' is not understood.");
        if (!Types.TryGetValue(match.Groups["type"].Value, out TensorElementType type))
            throw new InvalidDataException($"{path}: element type '{match.Groups["type"].Value}' is not supported.");
        if (match.Groups["fortran"].Value is "True")
            throw new InvalidDataException($"{path}: Fortran order is not supported.");

        string[] sizes = match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (sizes.Length > HighestRank)
            throw new InvalidDataException($"{path}: {sizes.Length} dimensions are more than {HighestRank}.");
        return (type, Array.ConvertAll(sizes, size => long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new InvalidDataException($"{path}: '{size}' is not a dimension.")));
    }

    private static long SizeInBytes(TensorElementType type, long[] shape, string path)
    {
        Int128 bytes = type.Size();
        foreach (long dimension in shape)
        {
            bytes *= Math.Max(dimension, 1);
            if (bytes > int.MaxValue - HeaderAlignment)
                throw new InvalidDataException($"{path}: a tensor of shape ({string.Join(", ", shape)}) is larger than 2 GB.");
        }

        return shape.Contains(0) ? 0 : (long)bytes;
    }

    [GeneratedRegex(
        @"^\{\s*'descr':\s*'(?<type>[^']*)',\s*'fortran_order':\s*(?<fortran>True|False),\s*'shape':\s*\((?<shape>[\d,\s]*)\),?\s*\}\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex HeaderPattern();
}
