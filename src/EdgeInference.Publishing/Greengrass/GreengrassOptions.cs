namespace EdgeInference.Publishing.Greengrass;

/// <summary>The kinds of AWS IoT Greengrass nucleus, which take messages of different sizes.</summary>
public enum NucleusKind
{
    Auto,
    Classic,
    Lite,
}

/// <summary>The AWS IoT Greengrass nucleus that runs the service as a component. Where it is and the token to get in come from the nucleus, in the environment (AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT, SVCUID). All streams share one connection, which is made again whenever it is lost.</summary>
public sealed class GreengrassOptions
{
    /// <summary>Whether the nucleus is the classic one or nucleus lite, which takes reports of some 7300 bytes at most and closes the connection on a larger one. Auto: classic where its variable AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH is set or the socket is named ipc.socket, else lite.</summary>
    public NucleusKind Nucleus { get; set; }
}
