using EdgeInference.Benchmarks.EndToEnd;

return await EndToEndCommand.RunAsync(args is [EndToEndCommand.Name, .. var rest] ? rest : args);
