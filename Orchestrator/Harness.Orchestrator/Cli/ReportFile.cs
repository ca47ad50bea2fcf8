using System.ComponentModel;
using System.Diagnostics;
using Harness.Abstractions.Results;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Store;
using Harness.Store.Exports;

namespace Harness.Orchestrator.Cli;

/// <summary>Writes a report where the person wants it: under another name first, so that a reader never sees half of one.</summary>
internal static class ReportFile
{
    /// <param name="language">A word of <see cref="Abstractions.Specs.ReportLanguages.Choices"/>; null for the language that the experiment file asks for.</param>
    /// <returns>The full path.</returns>
    /// <exception cref="StoreException">The file cannot be written there.</exception>
    public static async Task<string> Write(ExperimentResults results, string path, string? language = null)
    {
        await Damages.Warn(results);
        var html = await ReportWriter.Write(results, ReportOptions.Default with { Language = language ?? results.Report.Language, Title = results.Report.Title });
        var full = UnfinishedFile.FullPath(path);
        try
        {
            UnfinishedFile.Write(full, file => File.WriteAllText(file, html));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The report could not be written to '{full}': {error.Message} Name another place with --out; the results are in the database.", error);
        }

        return full;
    }

    /// <summary>Says where a file went; nothing when it went to standard output itself.</summary>
    public static Task Tell(string kind, string path) => path == UnfinishedFile.StandardOutput ? Task.CompletedTask : Console.Out.WriteLineAsync($"{kind,-9} {path}");

    /// <summary>Shows a report in the browser, or says that there is none.</summary>
    public static async Task Open(string path)
    {
        if (path == UnfinishedFile.StandardOutput) return;
        try
        {
            Process.Start(new ProcessStartInfo(path) { UseShellExecute = true })?.Dispose();
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync($"No browser could be started ({error.Message.TrimEnd('.')}): open {path} yourself.");
        }
    }
}
