using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Service.Commands;

/// <summary>Commands from outside: a message on a topic asks for a report at once, or changes the reporting interval. They come through the Greengrass nucleus where the service is a component, else through the MQTT broker.</summary>
public sealed partial class CommandOptions
{
    /// <summary>The topic that commands come on. It has no wildcards; {thing} in it is the name of the AWS IoT thing ($AWS_IOT_THING_NAME). Whoever may publish there commands all streams. Default: none, and no commands are taken.</summary>
    [StringLength(256, MinimumLength = 1)]
    public string? Topic { get; set; }

    /// <summary>The topic that answers go to, {thing} in it as in Topic. Default: Topic with "/reply" behind it.</summary>
    [StringLength(256, MinimumLength = 1)]
    public string? ReplyTopic { get; set; }
}
