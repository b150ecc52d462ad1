using EdgeInference.Inference;

namespace EdgeInference.Native.OpenVino;

/// <summary>
/// The numbers of ov_element_type_e (ov_common.h) in one library. They differ between releases, because new types came in
/// between and one left: f32 is 5 up to 2025.0 and 4 since. So they are worked out from the sizes of the types.
/// </summary>
internal sealed unsafe class OvElementTypes
{
    private const int Numbers = 31;
    private const int Elements = 4;

    // In this order, whatever the release; types that do not fill whole bytes lie in between.
    private static readonly TensorElementType?[] s_first =
    [
        TensorElementType.Boolean,
        null, // bf16
        TensorElementType.Float16,
        TensorElementType.Float32,
        TensorElementType.Float64,
        TensorElementType.Int8,
        TensorElementType.Int16,
        TensorElementType.Int32,
        TensorElementType.Int64,
    ];

    private static readonly int[] s_firstSizes = [1, 2, 2, 4, 8, 1, 2, 4, 8];

    // u8, u16, u32 and u64 come after those, perhaps behind other types of one byte.
    private static readonly int[] s_unsignedSizes = [1, 2, 4, 8];

    private readonly Dictionary<int, TensorElementType> _byNumber = [];

    private OvElementTypes((int Number, int Size)[] wholeBytes, int unsigned)
    {
        for (int i = 0; i < s_first.Length; i++)
        {
            if (s_first[i] is { } type)
                _byNumber.Add(wholeBytes[i].Number, type);
        }

        _byNumber.Add(wholeBytes[unsigned].Number, TensorElementType.UInt8);
    }

    /// <summary>Our type of that number, or null where there is none.</summary>
    public TensorElementType? Find(int number) => _byNumber.TryGetValue(number, out TensorElementType type) ? type : null;

    /// <exception cref="InferenceException">The library's types are in an order that is not known.</exception>
    public static OvElementTypes Probe(OvApi api) => FromSizes([.. Enumerable.Range(0, Numbers).Select(number => BytesOf(api, number))]);

    /// <param name="bytes">Of a tensor of four elements of each type, by the type's number; 0 where there is no such type.</param>
    /// <exception cref="InferenceException">The types are in an order that is not known.</exception>
    internal static OvElementTypes FromSizes(IReadOnlyList<int> bytes)
    {
        (int Number, int Size)[] wholeBytes =
        [
            .. bytes.Index()
                .Where(static type => type.Item is Elements or 2 * Elements or 4 * Elements or 8 * Elements)
                .Select(static type => (type.Index, type.Item / Elements)),
        ];
        int unsigned = IndexOf(wholeBytes, s_unsignedSizes, from: s_first.Length);
        if (IndexOf(wholeBytes, s_firstSizes, from: 0) != 0 || unsigned < 0)
        {
            throw new InferenceException(
                $"OpenVINO: its element types are in an order that is not known; bytes of four elements of each: {string.Join(' ', bytes)}");
        }

        return new OvElementTypes(wholeBytes, unsigned);
    }

    /// <summary>Where types of these sizes come one after the other; -1 where they do not.</summary>
    private static int IndexOf((int Number, int Size)[] types, int[] sizes, int from)
    {
        for (int i = from; i + sizes.Length <= types.Length; i++)
        {
            if (types.Skip(i).Take(sizes.Length).Select(static type => type.Size).SequenceEqual(sizes))
                return i;
        }

        return -1;
    }

    private static int BytesOf(OvApi api, int number)
    {
        long elements = Elements;
        OvShape shape = new() { Rank = 1, Dimensions = &elements };
        nint tensor;
        if (api.Table.TensorCreate(number, shape, &tensor) != OvStatus.Ok)
            return 0;
        nuint bytes;
        OvStatus status = api.Table.TensorGetByteSize(tensor, &bytes);
        string? failure = status == OvStatus.Ok ? null : api.Describe(status, "ov_tensor_get_byte_size");
        api.Table.TensorFree(tensor);
        return failure is null ? (int)bytes : throw new InferenceException(failure);
    }
}
