namespace EdgeInference.Publishing.Tests.Greengrass.EventStream;

internal static class LiteralBytes
{
    /// <summary>Bytes of pairs of hexadecimal digits; what stands behind a # up to the end of its line is for people.</summary>
    public static byte[] Of(string text) => Convert.FromHexString(string.Concat(
        text.Split('\n').Select(static line => line.Split('#')[0]).SelectMany(static line => line.Where(static letter => !char.IsWhiteSpace(letter)))));
}
