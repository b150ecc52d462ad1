using System.Reflection;
using EdgeInference.Publishing;
using EdgeInference.Service.Streams;
using EdgeInference.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Tests.Logging;

/// <summary>People select by them in the journal.</summary>
public sealed class EventIdTests
{
    private static readonly Assembly[] Assemblies =
    [
        typeof(StreamWorker).Assembly,
        typeof(Models.ModelFile).Assembly,
        typeof(Native.OnnxRuntime.OnnxRuntimeEngineFactory).Assembly,
        typeof(BuiltInPublishers).Assembly,
        typeof(StreamSupervisor).Assembly,
    ];

    [Fact]
    public void EventIds_OfAllMessages_AreSetAndUnique()
    {
        (int Id, string Method)[] messages =
        [
            .. from assembly in Assemblies
               from type in assembly.GetTypes()
               from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
               let message = method.GetCustomAttribute<LoggerMessageAttribute>()
               where message is not null
               select (message.EventId, $"{type.Name}.{method.Name}"),
        ];

        Assert.True(messages.Length > 50, $"{messages.Length} messages found");
        Assert.All(messages, static message => Assert.InRange(message.Id, 1000, 5999));
        Assert.All(messages.GroupBy(static message => message.Id), static group => Assert.Single(group));
    }
}
