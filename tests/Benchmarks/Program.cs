using BenchmarkDotNet.Running;
using EdgeInference.Benchmarks.EndToEnd;
using EdgeInference.Benchmarks.Load;
using EdgeInference.Benchmarks.Models;
using EdgeInference.Benchmarks.Outbox;
using EdgeInference.Benchmarks.Start;

// "endtoend" (or its --engine at once), "models", "load", "start" and "outbox" with their own arguments, or BenchmarkDotNet's options for the kernels; without any, both.
if (args is [EndToEndCommand.Name, .. var options])
    return await EndToEndCommand.RunAsync(options);
if (args is ["--engine", ..])
    return await EndToEndCommand.RunAsync(args);
if (args is [ModelsCommand.Name, .. var arguments])
    return await ModelsCommand.RunAsync(arguments);
if (args is [LoadCommand.Name, .. var models])
    return await LoadCommand.RunAsync(models);
if (args is [StartCommand.Name])
    return await StartCommand.RunAsync();
if (args is [OutboxCommand.Name, .. var parts])
    return await OutboxCommand.RunAsync(parts);
BenchmarkSwitcher.FromAssembly(typeof(EndToEndCommand).Assembly).Run(args is [] ? ["--filter", "*"] : args);
return args is [] ? await EndToEndCommand.RunAsync([]) : 0;
