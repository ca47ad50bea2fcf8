using System.CommandLine;
using System.CommandLine.Completions;
using Harness.Store;
using Harness.Store.Views;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Cli;

/// <summary>How a word may continue that names something in the data folder, for completion in a shell.</summary>
internal static class StoredNames
{
    /// <summary>More than anybody reads, and quick to print.</summary>
    private const int Most = 100;

    /// <summary>As many characters of a trial's identity as other pages show.</summary>
    private const int PrefixLength = 8;

    /// <summary>Has an argument completed with the names of experiments.</summary>
    public static Argument<T> OfExperiments<T>(this Argument<T> argument) => Completed(argument, (connection, _) => ListReader.ExperimentNames(connection, Most));

    /// <summary>Has an argument completed with trials: by number from a digit on, and by identity.</summary>
    public static Argument<T> OfTrials<T>(this Argument<T> argument) => Completed(argument, (connection, word) =>
        [.. ListReader.TrialNumbers(connection, word, Most).Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)), .. ListReader.TrialPrefixes(connection, word, PrefixLength, Most)]);

    /// <summary>Has an argument completed with the hosts and processes of workers.</summary>
    public static Argument<T> OfWorkers<T>(this Argument<T> argument) => Completed(argument, (connection, _) => ListReader.WorkerNames(connection, Most));

    private static Argument<T> Completed<T>(Argument<T> argument, Func<SqliteConnection, string, IReadOnlyList<string>> names)
    {
        argument.CompletionSources.Add(context => Read(context, names));
        return argument;
    }

    private static IEnumerable<CompletionItem> Read(CompletionContext context, Func<SqliteConnection, string, IReadOnlyList<string>> names)
    {
        var word = context.WordToComplete ?? "";
        try
        {
            using var connection = ResultsDatabase.ConnectForReading(context.ParseResult.GetValue<string>("--data") ?? "");
            return [.. names(connection, word).Where(name => name.StartsWith(word, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Select(name => new CompletionItem(name))];
        }
        // A shell that completes a word shows no error: without a database nothing is known.
        catch (Exception error) when (error is StoreException or SqliteException or IOException or UnauthorizedAccessException or InvalidOperationException or ArgumentException)
        {
            return [];
        }
    }
}
