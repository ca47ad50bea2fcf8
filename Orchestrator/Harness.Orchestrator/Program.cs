using Harness.Orchestrator.Cli;

Terminal.Clean();
return await HarnessCli.Run(args);
