namespace EdgeInference.Publishing.Tests.Greengrass;

/// <summary>
/// Whole frames, written out from the rules of the protocol: lengths of frame and headers, CRC-32 of these eight bytes, headers (length
/// of the name, name, type, value), payload, CRC-32 of all of that. The checksums were taken with zlib.
/// </summary>
internal static class NucleusBytes
{
    // ":message-type", ":message-flags" and ":stream-id", each with type 4; the value follows.
    private const string Type = "0D 3A6D6573736167652D74797065 04";
    private const string Flags = "0E 3A6D6573736167652D666C616773 04";
    private const string Stream = "0A 3A73747265616D2D6964 04";

    // ":content-type" = "application/json", and the name of "service-model-type" with type 7.
    private const string Json = "0D 3A636F6E74656E742D74797065 07 0010 6170706C69636174696F6E2F6A736F6E";
    private const string Model = "12 736572766963652D6D6F64656C2D74797065 07";

    // "aws.greengrass#PublishToIoTCore"
    private const string Publishing = "6177732E677265656E6772617373235075626C697368546F496F54436F7265";

    public const string Token = "MDEyMzQ1Njc4OTAx";

    /// <summary>Connect with ":version" = "0.1.0" and {"authToken":"MDEyMzQ1Njc4OTAx"}.</summary>
    public static byte[] Connect { get; } = Of(
        "00000078 00000048 D487BDC5", Type, "00000004", Flags, "00000000", Stream, "00000000",
        "08 3A76657273696F6E 07 0005 302E312E30",
        "7B2261757468546F6B656E223A224D4445794D7A51314E6A63344F544178227D", "A68B0072");

    /// <summary>Connect-ack with the flag that lets the client in.</summary>
    public static byte[] Accepted { get; } = Of(
        "00000047 00000037 374CFE3F", Type, "00000005", Flags, "00000001", Stream, "00000000", "E237E27D");

    /// <summary>Connect-ack without it.</summary>
    public static byte[] Rejected { get; } = Of(
        "00000047 00000037 374CFE3F", Type, "00000005", Flags, "00000000", Stream, "00000000", "6591293E");

    /// <summary>Stream 1: {"topicName":"a/b","qos":"1","payload":"aGk="}, which is "hi".</summary>
    public static byte[] Publish { get; } = Of(
        "000000FE 000000C0 0942F3E5", Type, "00000000", Flags, "00000000", Stream, "00000001",
        "09 6F7065726174696F6E 07 001F" + Publishing, Json, Model, "0026" + Publishing + "52657175657374",
        "7B22746F7069634E616D65223A22612F62222C22716F73223A2231222C227061796C6F6164223A2261476B3D227D", "B09DEF3B");

    /// <summary>Stream 1: {}, and the stream stays open, as nucleus Lite does it.</summary>
    public static byte[] Published { get; } = Of(
        "000000A7 00000095 2740FB24", Type, "00000000", Flags, "00000000", Stream, "00000001",
        Json, Model, "0027" + Publishing + "526573706F6E7365", "7B7D", "E97B5CB7");

    /// <summary>Stream 1: {} with the flag that ends the stream, as the classic nucleus does it.</summary>
    public static byte[] PublishedAndEnded { get; } = Of(
        "000000A7 00000095 2740FB24", Type, "00000000", Flags, "00000002", Stream, "00000001",
        Json, Model, "0027" + Publishing + "526573706F6E7365", "7B7D", "5EA5F0EC");

    /// <summary>Ends stream 1.</summary>
    public static byte[] End { get; } = Of(
        "00000047 00000037 374CFE3F", Type, "00000000", Flags, "00000002", Stream, "00000001", "2809C8CF");

    /// <summary>Stream 1: aws.greengrass#UnauthorizedError {"_message":"IPC Operation not authorized.","_errorCode":"UnauthorizedError"}.</summary>
    public static byte[] Denied { get; } = Of(
        "000000EB 0000008E 30268780", Type, "00000001", Flags, "00000002", Stream, "00000001", Json, Model,
        "0020 6177732E677265656E677261737323556E617574686F72697A65644572726F72",
        "7B225F6D657373616765223A22495043204F7065726174696F6E206E6F7420617574686F72697A65642E222C",
        "225F6572726F72436F6465223A22556E617574686F72697A65644572726F72227D", "4634AA37");

    /// <summary>Stream 1: aws.greengrass#ServiceError {"_message":"Failed to publish the message.","_errorCode":"ServiceError"}.</summary>
    public static byte[] Full { get; } = Of(
        "000000E2 00000089 A3527052", Type, "00000001", Flags, "00000002", Stream, "00000001", Json, Model,
        "001B 6177732E677265656E677261737323536572766963654572726F72",
        "7B225F6D657373616765223A224661696C656420746F207075626C69736820746865206D6573736167652E222C",
        "225F6572726F72436F6465223A22536572766963654572726F72227D", "71FC0980");

    public static byte[] Of(params string[] hexadecimal) =>
        Convert.FromHexString(string.Concat(hexadecimal).Replace(" ", "", StringComparison.Ordinal));
}
