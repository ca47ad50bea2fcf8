using System.CommandLine;
using System.Globalization;
using Harness.Server.Api;
using Harness.Store;

namespace Harness.Orchestrator.Cli;

/// <summary>Finds the experiments that a command line names.</summary>
internal static class ExperimentArguments
{
    public static Argument<string> One() => new Argument<string>("experiment") { Description = "Name or number of an experiment; a name means its latest." }.OfExperiments();

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

    /// <summary>Its number on a server; null after standard error said that there is none of that name.</summary>
    public static async Task<long?> Find(ServerClient server, string named, CancellationToken cancellation)
    {
        if (long.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        var found = await server.Get($"api/experiments?limit=1&name={Uri.EscapeDataString(named)}", ApiJson.Default.ExperimentPage, cancellation);
        if (found.Experiments is [var experiment]) return experiment.Id;
        var known = await server.Get("api/experiments?limit=20", ApiJson.Default.ExperimentPage, cancellation);
        await Console.Error.WriteLineAsync(
            $"error: there is no experiment '{named}'. Known: {(known.Experiments.Count == 0 ? "none yet" : string.Join(", ", known.Experiments.Select(other => FormattableString.Invariant($"{other.Id} {other.Name}"))))}.");
        return null;
    }
}
