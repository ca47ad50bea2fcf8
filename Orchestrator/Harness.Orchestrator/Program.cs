using Harness.Orchestrator.Cli;

return await HarnessCli.Run(args);
