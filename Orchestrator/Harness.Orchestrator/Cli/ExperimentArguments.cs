using Harness.Orchestrator.Store;

namespace Harness.Orchestrator.Cli;

/// <summary>Finds the experiments that a command line names.</summary>
internal static class ExperimentArguments
{
    /// <summary>Their numbers, each once and in the order named; null after standard error said which there is not.</summary>
    public static async Task<IReadOnlyList<long>?> Find(ResultsReader reader, IEnumerable<string> named, string data)
    {
        var ids = new List<long>();
        foreach (var name in named)
        {
            if (reader.Find(name) is not { } id)
            {
                await Console.Error.WriteLineAsync($"error: there is no experiment '{name}' in '{data}'. Known: {reader.Known()}.");
                return null;
            }

            if (!ids.Contains(id)) ids.Add(id);
        }

        return ids;
    }
}
