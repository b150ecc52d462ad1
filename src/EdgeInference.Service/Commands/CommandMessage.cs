namespace EdgeInference.Service.Commands;

/// <summary>A message as it was understood: a command, or what is wrong with it.</summary>
internal sealed class CommandMessage
{
    private readonly Command? _command;

    private CommandMessage(Command? command, string? id, string? name, string? fault) => (_command, Id, Name, Fault) = (command, id, name, fault);

    /// <summary>The sender's own name for it, also where something else of it is wrong; null where it has none that can be repeated.</summary>
    public string? Id { get; }

    /// <summary>The command's name, where that is a known one.</summary>
    public string? Name { get; }

    /// <summary>What is wrong and where, in one sentence without control characters; null when nothing is.</summary>
    public string? Fault { get; }

    public Command Command => _command ?? throw new InvalidOperationException($"It is no command: {Fault}");

    public static CommandMessage Of(Command command) => new(command, command.Id, command.Name, fault: null);

    public static CommandMessage Wrong(string fault, string? id = null, string? name = null) => new(command: null, id, name, fault);
}
