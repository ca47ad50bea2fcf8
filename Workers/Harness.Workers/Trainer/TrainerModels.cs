using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Harness.Abstractions.Contracts;

namespace Harness.Workers.Trainer;

/// <summary>Asks a trainer to export a model, or to apply an exported one.</summary>
public static class TrainerModels
{
    /// <exception cref="InvalidOperationException">It could not be done; the message says why.</exception>
    public static async Task<ModelReply> Run(ModelRequest request, CancellationToken cancellation)
    {
        try
        {
            var start = new ProcessStartInfo(TrainerExecutable.Locate(), ["--model"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            start.Environment["DOTNET_ROOT"] = TrainerExecutable.DotnetRoot();
            using var trainer = Process.Start(start) ?? throw new InvalidOperationException("The trainer did not start.");
            var (output, errors) = (trainer.StandardOutput.ReadToEndAsync(cancellation), trainer.StandardError.ReadToEndAsync(cancellation));
            await JsonSerializer.SerializeAsync(trainer.StandardInput.BaseStream, request, HarnessJson.Default.ModelRequest, cancellation);
            trainer.StandardInput.Close();
            await trainer.WaitForExitAsync(cancellation);
            if (trainer.ExitCode != 0) throw new InvalidOperationException(await errors is { Length: > 0 } said ? said.Trim() : $"The trainer ended with exit code {trainer.ExitCode}.");
            return JsonSerializer.Deserialize(await output, HarnessJson.Default.ModelReply) ?? throw new InvalidOperationException("The trainer gave no reply.");
        }
        catch (Exception error) when (error is Win32Exception or FileNotFoundException or IOException or JsonException)
        {
            throw new InvalidOperationException(error.Message, error);
        }
    }
}
