using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using Microsoft.Win32.SafeHandles;

namespace EdgeInference.Models.Ir;

/// <summary>
/// The .bin of an IR. Each constant is read when its layer is translated, so that the file is never in memory as a whole;
/// layers that name the same bytes share one copy.
/// </summary>
internal sealed class IrWeights(string path) : IDisposable
{
    private readonly Dictionary<(long Offset, long Size, string Type), ReadOnlyMemory<byte>> _read = [];
    private SafeFileHandle? _file;

    /// <summary>The file's length; 0 where there is no file, which is enough for a model without constants.</summary>
    public long Length { get; } = File.Exists(path) ? new FileInfo(path).Length : 0;

    /// <exception cref="LayerException">The file is missing or shorter than that, or the size does not fit the shape.</exception>
    public Constant Read(IrBlob blob, string elementType, long[] shape)
    {
        long count = Shapes.Count(shape);
        if (count == 0 && shape.All(static d => d >= 0))
            return new Constant(IrElementTypes.Parse(elementType), shape, default);
        if (shape.Any(static d => d < 0) || blob.Size != IrElementTypes.StorageSize(elementType, count))
            throw new LayerException($"{blob.Size} bytes of weights do not fit the shape {Shapes.Describe(shape)} of {elementType}");
        TensorElementType type = IrElementTypes.Parse(elementType);
        return new Constant(type, shape, ReadBytes(blob, elementType)[..checked((int)(count * type.Size()))]);
    }

    /// <summary>All elements of a range of the file, as a vector.</summary>
    public Constant Read(IrBlob blob, string elementType)
    {
        long count = IrElementTypes.ElementCount(elementType, blob.Size);
        return Read(blob, elementType, [count]);
    }

    public void Dispose() => _file?.Dispose();

    private ReadOnlyMemory<byte> ReadBytes(IrBlob blob, string elementType)
    {
        if (_read.TryGetValue((blob.Offset, blob.Size, elementType), out ReadOnlyMemory<byte> known))
            return known;
        if (Length == 0 && blob.Size > 0 && !File.Exists(path))
            throw new LayerException($"its weights are in '{path}', which does not exist");
        if (blob.Offset < 0 || blob.Size < 0 || blob.Offset > Length || blob.Size > Length - blob.Offset)
            throw new LayerException($"its weights are bytes {blob.Offset} to {(decimal)blob.Offset + blob.Size} of '{path}', which has only {Length}");

        if (blob.Size > Array.MaxLength)
            throw new LayerException($"its weights are {blob.Size} bytes, more than 2 GB");

        var data = new byte[blob.Size];
        if (data.Length > 0)
        {
            _file ??= File.OpenHandle(path);
            for (int done = 0; done < data.Length;)
            {
                int count = RandomAccess.Read(_file, data.AsSpan(done), blob.Offset + done);
                if (count == 0)
                    throw new LayerException($"'{path}' ends before its weights");
                done += count;
            }
        }

        ReadOnlyMemory<byte> converted = IrElementTypes.Convert(elementType, data);
        _read[(blob.Offset, blob.Size, elementType)] = converted;
        return converted;
    }
}
