using BenchmarkDotNet.Running;
using EdgeInference.Benchmarks.EndToEnd;

// "endtoend" with its own options, or BenchmarkDotNet's options for the kernels; without any, both.
if (args is [EndToEndCommand.Name, .. var options])
    return await EndToEndCommand.RunAsync(options);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args is [] ? ["--filter", "*"] : args);
return args is [] ? await EndToEndCommand.RunAsync([]) : 0;
