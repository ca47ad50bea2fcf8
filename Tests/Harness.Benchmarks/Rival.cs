using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Harness.Training.Cells;
using Harness.Training.Native;
using Harness.Training.Networks;

namespace Harness.Benchmarks;

/// <summary>Somebody else's training steps, in a process of its own: PyTorch, or TorchSharp's nn.*, told over its standard input what to do.</summary>
internal sealed class Rival : IDisposable
{
    /// <summary>The word by which this program is TorchSharp's.</summary>
    public const string Word = "library-steps";

    private readonly Process process;

    private Rival(string name, Process process)
    {
        (Name, this.process) = (name, process);
        Version = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{name} does not answer.");
    }

    public string Name { get; }

    public string Version { get; }

    /// <summary>TorchSharp as it comes.</summary>
    public static Rival TorchSharp(int threads) => new("TorchSharp", Children.Start(Word, threads, tuned: false));

    /// <summary>TorchSharp with libtorch at its best: a heap that does not fragment under oneDNN's LSTM, and MKL told that it is on an Intel processor.</summary>
    public static Rival Tuned(int threads, string? preload) => new("libtorch tuned", Children.Start(Word, threads, tuned: true, preload));

    /// <summary>Debian's PyTorch; null where it is not installed.</summary>
    public static Rival? PyTorch(int threads)
    {
        var start = new ProcessStartInfo(Interpreter, [Path.Combine(AppContext.BaseDirectory, "pytorch_step.py"), threads.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var variable in (string[])["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]) start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        try
        {
            using var check = Process.Start(new ProcessStartInfo(Interpreter, ["-c", "import torch"]) { UseShellExecute = false, RedirectStandardError = true })!;
            check.WaitForExit();
            return check.ExitCode == 0 ? new("PyTorch", Process.Start(start)!) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Makes a model.</summary>
    public void Build(StepShape shape) => Ask(string.Create(CultureInfo.InvariantCulture, $"build {shape.Cell} {shape.Batch} {shape.Steps} {shape.Input} {shape.Hidden}"));

    public StepTime Take(int steps)
    {
        var times = Ask(string.Create(CultureInfo.InvariantCulture, $"step {steps}")).Split(' ');
        return new(double.Parse(times[0], CultureInfo.InvariantCulture), double.Parse(times[1], CultureInfo.InvariantCulture));
    }

    /// <summary>The child: TorchSharp's side of the conversation, as <c>pytorch_step.py</c> has PyTorch's.</summary>
    public static void Serve()
    {
        Console.WriteLine($"libtorch {TorchEnvironment.Start().Libtorch}");
        Stepper? stepper = null;
        for (long taken = 0; Console.ReadLine()?.Split(' ') is { } words;)
        {
            if (words[0] == "build")
            {
                var sizes = words[2..].Select(word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
                var shape = new StepShape(words[1], sizes[0], sizes[1], sizes[2], sizes[3]);
                stepper?.Dispose();
                stepper = new(new LibraryNetwork(RecurrentCell.Find(shape.Cell)!, shape.Stack, layerByLayer: false), shape);
                Console.WriteLine("ready");
                continue;
            }

            var steps = int.Parse(words[1], CultureInfo.InvariantCulture);
            var took = stepper!.Take(steps);
            // What TorchSharp leaves to the collector fragments the memory of its LSTM.
            if (taken / 20 != (taken += steps) / 20) GC.Collect(0);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{took.Processor} {took.Wall}"));
        }

        stepper?.Dispose();
    }

    /// <summary>Debian's own Python, which its python3-torch is installed for; another one by its path in HARNESS_PYTHON.</summary>
    private static string Interpreter => Environment.GetEnvironmentVariable("HARNESS_PYTHON") ?? "/usr/bin/python3";

    private string Ask(string line)
    {
        process.StandardInput.WriteLine(line);
        process.StandardInput.Flush();
        return process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Name} has ended.");
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
