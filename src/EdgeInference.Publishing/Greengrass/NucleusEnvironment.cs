using System.Collections;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>What the nucleus tells a component through its environment. The token is a secret: nothing prints it.</summary>
internal sealed class NucleusEnvironment
{
    public const string SocketVariable = "AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT";
    public const string TokenVariable = "SVCUID";

    // The classic nucleus alone sets it; and its socket has this name, unless it is configured otherwise.
    private const string ClassicVariable = "AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH";
    private const string ClassicSocket = "ipc.socket";

    private NucleusEnvironment(string socketPath, string token, NucleusKind kind)
    {
        SocketPath = socketPath;
        Token = token;
        Kind = kind;
    }

    /// <summary>May be relative to the folder that the component is started in.</summary>
    public string SocketPath { get; }

    public string Token { get; }

    /// <summary>Classic or Lite. In doubt Lite, whose limits are the narrower ones.</summary>
    public NucleusKind Kind { get; }

    /// <summary>For people.</summary>
    public string KindName => Kind == NucleusKind.Classic ? "nucleus" : "nucleus lite";

    /// <summary>Null where this is no component.</summary>
    public static NucleusEnvironment? Find(IDictionary environment, GreengrassOptions options)
    {
        if (environment[SocketVariable] is not string { Length: > 0 } socket || environment[TokenVariable] is not string { Length: > 0 } token)
            return null;
        NucleusKind kind = options.Nucleus;
        if (kind == NucleusKind.Auto)
        {
            bool isClassic = environment[ClassicVariable] is string { Length: > 0 } || Path.GetFileName(socket) == ClassicSocket;
            kind = isClassic ? NucleusKind.Classic : NucleusKind.Lite;
        }

        return new NucleusEnvironment(socket, token, kind);
    }
}
