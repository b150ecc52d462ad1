using System.Buffers;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using Microsoft.Win32.SafeHandles;

namespace EdgeInference.Models.Ir;

/// <summary>
/// The .bin of an IR. Each constant is read when its layer is translated, so that the file is never in memory as a whole;
/// layers that name the same bytes share one copy.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="budget">Where the constants are counted.</param>
internal sealed class IrWeights(string path, LoadBudget budget) : IDisposable
{
    /// <summary>How much of a file is in memory before its conversion, a multiple of all element sizes.</summary>
    private const int ChunkBytes = 1 << 16;

    private readonly Dictionary<(long Offset, long Size, string Type), WeakReference<byte[]>> _read = [];
    private SafeFileHandle? _file;

    /// <summary>The length of such a file; 0 where there is none, which is enough for a model without constants.</summary>
    public static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    /// <exception cref="LayerException">The file is missing or shorter than that, or the size does not fit the shape.</exception>
    public Constant Read(IrBlob blob, string elementType, long[] shape)
    {
        long count = Shapes.Count(shape);
        if (count == 0 && shape.All(static d => d >= 0))
            return new Constant(IrElementTypes.Parse(elementType), shape, default);
        if (shape.Any(static d => d < 0) || blob.Size != IrElementTypes.StorageSize(elementType, count))
            throw new LayerException($"{blob.Size} bytes of weights do not fit the shape {Shapes.Describe(shape)} of {elementType}");
        TensorElementType type = IrElementTypes.Parse(elementType);
        return new Constant(type, shape, ReadBytes(blob, elementType).AsMemory(0, checked((int)(count * type.Size()))));
    }

    /// <summary>All elements of a range of the file, as a vector.</summary>
    public Constant Read(IrBlob blob, string elementType)
    {
        long count = IrElementTypes.ElementCount(elementType, blob.Size);
        return Read(blob, elementType, [count]);
    }

    public void Dispose() => _file?.Dispose();

    private byte[] ReadBytes(IrBlob blob, string elementType)
    {
        if (_read.TryGetValue((blob.Offset, blob.Size, elementType), out WeakReference<byte[]>? read) && read.TryGetTarget(out byte[]? known))
            return known;
        _file ??= File.Exists(path) ? File.OpenHandle(path) : throw new LayerException($"its weights are in '{path}', which does not exist");
        long length = RandomAccess.GetLength(_file);
        if (blob.Offset < 0 || blob.Size < 0 || blob.Offset > length || blob.Size > length - blob.Offset)
            throw new LayerException($"its weights are bytes {blob.Offset} to {(decimal)blob.Offset + blob.Size} of '{path}', which has only {length}");

        long bytes = checked(IrElementTypes.ElementCount(elementType, blob.Size) * IrElementTypes.Parse(elementType).Size());
        byte[] data = budget.TryAllocate(bytes) ?? throw new LayerException($"there is no room for its weights, {bytes} bytes, beside those of other layers");
        if (IrElementTypes.Conversion(elementType) is { } conversion)
            Convert(_file, blob, elementType, conversion, data);
        else
            Fill(_file, blob.Offset, data);
        _read[(blob.Offset, blob.Size, elementType)] = new WeakReference<byte[]>(data);
        return data;
    }

    private void Convert(SafeFileHandle file, IrBlob blob, string elementType, Widening conversion, Span<byte> result)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        for (long done = 0; done < blob.Size; done += ChunkBytes)
        {
            Span<byte> part = chunk.AsSpan(0, (int)Math.Min(ChunkBytes, blob.Size - done));
            Fill(file, blob.Offset + done, part);
            conversion(part, result);
            result = result[(int)(IrElementTypes.ElementCount(elementType, part.Length) * IrElementTypes.Parse(elementType).Size())..];
        }

        ArrayPool<byte>.Shared.Return(chunk);
    }

    private void Fill(SafeFileHandle file, long offset, Span<byte> data)
    {
        while (data.Length > 0)
        {
            int count = RandomAccess.Read(file, data, offset);
            if (count == 0)
                throw new LayerException($"'{path}' ends before its weights");
            offset += count;
            data = data[count..];
        }
    }
}
