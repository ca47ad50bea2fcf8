using System.CommandLine;
using Harness.Experiments.Planning;
using Harness.Server.Hosting;
using Harness.Store;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness plan FILE</c>: what would be run, without running it.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var spec = SharedOptions.Spec();
        var data = SharedOptions.Data();
        var set = SharedOptions.Set();
        var roots = SharedOptions.DataRoot();
        var output = new Option<string>("--output", "-o") { Description = "human or json.", HelpName = "FORMAT", DefaultValueFactory = _ => "human" };
        output.AcceptOnlyFromAmong("human", "json");
        var command = new Command("plan", "Show what an experiment expands to: conditions, parameters, trials done and to do.") { spec, data, set, roots, output };
        command.SetAction((parsed, _) => Plan(parsed.GetValue(spec)!, parsed.GetValue(data)!, parsed.GetValue(set) ?? [], parsed.GetValue(roots) ?? [], parsed.GetValue(output)!));
        return command;
    }

    private static async Task<int> Plan(string spec, string data, string[] changes, string[] roots, string output)
    {
        if (await SpecInput.Read(spec, changes, roots) is not var (_, plan)) return ExitCode.Usage;
        var history = TrialHistory.Read(data, plan);
        var document = PlanDocument.Of(plan, history.States, history.Estimate(plan.Run.Slots ?? Environment.ProcessorCount), history.Added);
        await Console.Out.WriteAsync(output == "json" ? document.ToJson() : PlanText.Human(document));
        return ExitCode.Ok;
    }
}
