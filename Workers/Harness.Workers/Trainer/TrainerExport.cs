using System.ComponentModel;
using System.Diagnostics;

namespace Harness.Workers.Trainer;

/// <summary>Asks a trainer to write a checkpoint's weights in a format that others read.</summary>
public static class TrainerExport
{
    /// <summary>Verifies the checkpoint and writes its weights.</summary>
    /// <param name="format">A format that the trainer knows: <c>safetensors</c>, or <c>state-dict</c> as <c>torch.save</c> writes it.</param>
    /// <exception cref="InvalidOperationException">It could not be done; the message says why.</exception>
    public static async Task Run(string checkpoint, string format, string target, CancellationToken cancellation)
    {
        try
        {
            var start = new ProcessStartInfo(TrainerExecutable.Locate(), ["--export", checkpoint, "--as", format, target]) { RedirectStandardError = true, UseShellExecute = false };
            start.Environment["DOTNET_ROOT"] = TrainerExecutable.DotnetRoot();
            using var trainer = Process.Start(start) ?? throw new InvalidOperationException("The trainer did not start.");
            var errors = await trainer.StandardError.ReadToEndAsync(cancellation);
            await trainer.WaitForExitAsync(cancellation);
            if (trainer.ExitCode != 0) throw new InvalidOperationException(errors.Trim());
        }
        catch (Exception error) when (error is Win32Exception or FileNotFoundException)
        {
            throw new InvalidOperationException(error.Message, error);
        }
    }
}
