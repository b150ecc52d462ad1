namespace EdgeInference.Service.Commands;

/// <summary>What has come of a command.</summary>
/// <param name="Id">That of the command.</param>
/// <param name="Command">The command's name; null where it is not known.</param>
/// <param name="Fault">What is wrong with the command as a whole; null where streams tell what has come of it.</param>
/// <param name="Streams">What has come of it with each stream, in the order of the configuration.</param>
internal sealed record CommandReply(string? Id, string? Command, string? Fault, IReadOnlyList<StreamReply> Streams)
{
    public bool IsOk => Fault is null && Streams.All(static stream => stream.Fault is null);

    public static CommandReply Of(CommandMessage message) => new(message.Id, message.Name, message.Fault, []);
}
