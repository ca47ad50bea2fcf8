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

    /// <summary>TorchSharp as it comes, which keeps subnormal numbers.</summary>
    public static Rival TorchSharp(int threads) => new("TorchSharp", Children.Start(Word, threads, tuned: false));

    /// <summary>TorchSharp with libtorch at its best: a heap that does not fragment under oneDNN's LSTM, MKL told that it is on an Intel processor, subnormal numbers flushed.</summary>
    public static Rival Tuned(int threads, string? preload)
    {
        var rival = new Rival("libtorch tuned", Children.Start(Word, threads, tuned: true, preload));
        rival.Flush();
        return rival;
    }

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

    /// <summary>Has it flush subnormal numbers from now on: PyTorch by its own switch.</summary>
    public void Flush() => Ask("flush");

    /// <summary>Makes a model.</summary>
    /// <param name="lasting">Whether gradients reach the first step; PyTorch alone.</param>
    public void Build(StepShape shape, bool lasting = false) =>
        Ask(string.Create(CultureInfo.InvariantCulture, $"build {shape.Cell} {shape.Batch} {shape.Steps} {shape.Input} {shape.Hidden}{(lasting ? " lasting" : "")}"));

    public StepTime Take(int steps)
    {
        double[] times = [.. Ask(string.Create(CultureInfo.InvariantCulture, $"step {steps}")).Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        return times is [var processor, var wall, var forward, var backward] ? new(processor, wall, forward, backward) : new(times[0], times[1]);
    }

    /// <summary>The child: TorchSharp's side of the conversation, as <c>pytorch_step.py</c> has PyTorch's.</summary>
    public static void Serve()
    {
        var version = TorchEnvironment.Start().Libtorch;
        SubnormalFlush.Set(on: false);
        Console.WriteLine($"libtorch {version}");
        Stepper? stepper = null;
        for (long taken = 0; Console.ReadLine()?.Split(' ') is { } words;)
        {
            if (words[0] == "flush")
            {
                TorchEnvironment.UseThreads(global::TorchSharp.torch.get_num_threads());
                Console.WriteLine("ready");
                continue;
            }

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
            var took = stepper!.Run(steps);
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
