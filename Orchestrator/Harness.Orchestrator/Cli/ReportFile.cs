using System.ComponentModel;
using System.Diagnostics;
using Harness.Experiments.Results;
using Harness.Orchestrator.Hosting.Security;
using Harness.Orchestrator.Store;
using Harness.Reports;

namespace Harness.Orchestrator.Cli;

/// <summary>Writes a report where the person wants it: under another name first, so that a reader never sees half of one.</summary>
internal static class ReportFile
{
    public static string DefaultPath(string data, string name) => Path.Combine(data, "reports", $"{name}.html");

    /// <param name="language">A word of <see cref="Experiments.Specs.ReportLanguages"/>; null for the language that the experiment file asks for.</param>
    /// <returns>The full path.</returns>
    /// <exception cref="StoreException">The file cannot be written there.</exception>
    public static async Task<string> Write(ExperimentResults results, string path, string? language = null)
    {
        var html = await ReportWriter.Write(results, ReportOptions.Default with { Language = language ?? results.Report.Language, Title = results.Report.Title });
        var full = Path.GetFullPath(path);
        try
        {
            var folder = Path.GetDirectoryName(full)!;
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                OwnerFolder.Release(folder);
            }

            var temporary = full + ".part";
            await File.WriteAllTextAsync(temporary, html);
            OwnerFolder.Release(temporary);
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The report could not be written to '{full}': {error.Message} Name another place with --out; the results are in the database.", error);
        }

        return full;
    }

    /// <summary>Shows a report in the browser, or says that there is none.</summary>
    public static async Task Open(string path)
    {
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
