using System.CommandLine;

namespace Harness.Orchestrator.Cli;

internal static class PlanCommand
{
    public static Command Create() => new("plan", "Show what would be run.");
}
