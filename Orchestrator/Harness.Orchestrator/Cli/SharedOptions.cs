using System.CommandLine;
using System.Globalization;
using Harness.Abstractions.Specs;

namespace Harness.Orchestrator.Cli;

/// <summary>Options that several commands have, with one meaning and one text.</summary>
internal static class SharedOptions
{
    public const string DataVariable = "HARNESS_DATA";

    public const string DataRootVariable = "HARNESS_DATA_ROOT";

    public static Argument<string> Spec() => new("file") { Description = "The experiment file (YAML)." };

    public static Option<string> Data() => new("--data")
    {
        Description = $"Data folder that holds harness.db. Default: {DataVariable}, else ./harness-data.",
        HelpName = "DIR",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(DataVariable) is { Length: > 0 } folder ? folder : "harness-data",
    };

    public static Option<int?> Slots(string description) => Number("--slots", description, 1, 1024);

    /// <summary>A whole number within bounds.</summary>
    public static Option<int?> Number(string name, string description, int low, int high)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            // Not by its value: asking for the value of a word that is no number throws.
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && (number < low || number > high))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: expected a number from {low} to {high}."));
        });
        return option;
    }

    public static Option<string?> Language() => Language($"The language of the report: {string.Join(" or ", ReportLanguages.All)}. Default: the experiment file's.", ReportLanguages.All);

    /// <summary>For a report as one file, which may hold all languages.</summary>
    public static Option<string?> Languages() => Language(
        $"The language of the report: {string.Join(", ", ReportLanguages.All)}, or {ReportLanguages.Both} in one file with a switch. Default: the experiment file's.", ReportLanguages.Choices);

    private static Option<string?> Language(string description, IReadOnlyList<string> words)
    {
        var language = new Option<string?>("--language") { Description = description, HelpName = "LANGUAGE" };
        language.AcceptOnlyFromAmong([.. words]);
        return language;
    }

    public static Option<bool> Open() => new("--open") { Description = "Open the report in the browser." };

    public static Option<bool> Verbose() => new("--verbose", "-v") { Description = "Log the actions of scheduler and worker to standard error." };

    public static Option<bool> Once() => new("--once") { Description = "Do not restart after a crash, for use under systemd or another supervisor." };

    public static Option<string[]> DataRoot() => new("--data-root")
    {
        Description = $"Another folder for data files, besides the experiment file's own. May be repeated. Default: the folders in {DataRootVariable}.",
        HelpName = "DIR",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(DataRootVariable)?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [],
    };

    public static Option<string[]> Set()
    {
        var set = new Option<string[]>("--set") { Description = "Changes one setting of the file, e.g. --set train.steps=500. May be repeated.", HelpName = "PATH=VALUE" };
        set.CompletionSources.Add(CompletionCommand.Settings);
        return set;
    }
}
