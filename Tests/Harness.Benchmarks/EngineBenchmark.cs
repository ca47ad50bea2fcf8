using System.Diagnostics;
using System.Globalization;
using Harness.Experiments.Catalog;
using Harness.Experiments.Specs;
using Harness.Training.Cells;
using Harness.Training.Engine;
using Harness.Training.Native;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using Harness.Training.Timing;
using Harness.Training.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Benchmarks;

/// <summary>
/// A whole training step (forward, loss, backward, Adam) of one thread: the engine, TorchSharp's nn.* and, where Debian's python3-torch is installed,
/// PyTorch, one after the other in every round, with the core's multiply-add peak between them. Medians over rounds, of the thread's own processor time.
/// </summary>
internal static class EngineBenchmark
{
    private static readonly (int Batch, int Steps, int Input, int Hidden)[] Shapes = [(32, 100, 2, 64), (64, 200, 32, 128), (32, 500, 16, 256), (16, 50, 2, 16), (128, 784, 1, 128)];

    /// <summary>Milliseconds for which each shape and cell is measured, about.</summary>
    private const double Budget = 5000;

    public static Task Run()
    {
        TorchEnvironment.Start();
        using var python = Python();
        if (python is not null) Console.WriteLine($"| engine | PyTorch | {python.StandardOutput.ReadLine()} |");
        foreach (var shape in Shapes)
            foreach (var cell in (string[])["rnn", "lstm", "gru"]) Compare(cell, shape.Batch, shape.Steps, shape.Input, shape.Hidden, python);
        if (python is null) Console.WriteLine("| engine | PyTorch | not installed for this Python: apt-get install python3-torch libopenblas0-pthread |");
        python?.StandardInput.Close();
        return Task.CompletedTask;
    }

    private static void Compare(string cell, int batch, int steps, int input, int hidden, Process? python)
    {
        if (python is not null)
        {
            python.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"build {cell} {batch} {steps} {input} {hidden}"));
            python.StandardOutput.ReadLine();
        }

        var (implementation, activation) = (RecurrentCell.Find(cell)!, cell == "rnn" ? "tanh" : null);
        var shape = new StackShape(input, hidden, 1, Bidirectional: false, activation, ScalarType.Float32, CPU);
        var task = new TaskShape(steps, input, 1, LossKind.MeanSquaredError, steps - 1, Graded: false);
        var generator = new Generator(1);
        using var data = new BatchTensors(task, randn(steps, batch, input, generator: generator), randn(1, batch, 1, generator: generator));
        var plain = new SequenceBatch(task, batch);
        data.Input.data<float>().CopyTo(plain.Inputs, 0);
        data.Target.data<float>().CopyTo(plain.Values, 0);
        using var engine = new Stepper(new EngineNetwork<float>(implementation, shape), task);
        using var probing = new Stepper(new EngineNetwork<float>(implementation, shape) { TakesNorms = true }, task);
        using var library = new Stepper(new LibraryNetwork(implementation, shape, layerByLayer: false), task);
        List<double> ours = [], probed = [], theirs = [], pytorch = [], peak = [];
        var began = TimeProvider.System.GetTimestamp();
        for (var round = 0; round < 7 || TimeProvider.System.GetElapsedTime(began).TotalMilliseconds < Budget; round++)
        {
            var counts = round >= 2;
            if (python is not null)
            {
                python.StandardInput.WriteLine("step");
                Add(pytorch, counts, double.Parse(python.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture));
            }

            // In turns, for whoever comes first finds the caches cold.
            for (var turn = 0; turn < 3; turn++)
            {
                switch ((round + turn) % 3)
                {
                    case 0: Add(ours, counts, engine.Step(data, plain)); break;
                    case 1: Add(theirs, counts, library.Step(data, plain)); break;
                    default: Add(probed, counts, probing.Step(data, plain)); break;
                }
            }

            // As long as a step, so that other work on the machine disturbs both alike.
            Add(peak, counts, Peak.MultiplyAdd(ours.Count > 0 ? ours[^1] : 1, ThreadClock.Milliseconds));

            // What TorchSharp leaves to the collector fragments the memory of its LSTM.
            if (round % 20 == 0) GC.Collect(0);
        }

        // Multiply-adds of forward, ∂L/∂h and ∂L/∂W, twice each; the first layer's input has no gradient.
        var gates = CellCatalog.Get(cell).GateCount;
        var operations = 2.0 * batch * steps * gates * hidden * (2.0 * (input + hidden) + hidden);
        var (step, rival) = (Median(ours), Median(theirs));
        var rate = operations / step / 1e6;
        Measure.Row("engine", $"({batch},{steps},{input},{hidden}) {cell}",
            $"{rival / step:0.0}× TorchSharp, {(pytorch.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Median(pytorch) / step:0.0}× PyTorch, ") : "")}{rate:0} GFLOP/s, {100 * rate / Median(peak):0} % of peak, probing {100 * (Median(probed) / step - 1):+0;-0;+0} %");
    }

    private static void Add(List<double> times, bool counts, double time)
    {
        if (counts) times.Add(time);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Debian's own Python, which its python3-torch is installed for; another one by its path in HARNESS_PYTHON.</summary>
    private static string Interpreter => Environment.GetEnvironmentVariable("HARNESS_PYTHON") ?? "/usr/bin/python3";

    /// <summary>PyTorch in a process of its own; null where it is not installed.</summary>
    private static Process? Python()
    {
        var start = new ProcessStartInfo(Interpreter) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "pytorch_step.py"));
        foreach (var variable in (string[])["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]) start.Environment[variable] = "1";
        try
        {
            using var check = Process.Start(new ProcessStartInfo(Interpreter, ["-c", "import torch"]) { UseShellExecute = false, RedirectStandardError = true })!;
            check.WaitForExit();
            return check.ExitCode == 0 ? Process.Start(start) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>A model with its optimizer.</summary>
    private sealed class Stepper : IDisposable
    {
        private readonly SequenceModel model;
        private readonly optim.Optimizer optimizer;
        private readonly EngineTraining? engine;
        private readonly EngineOptimizer? own;

        public Stepper(RecurrentNetwork network, TaskShape task)
        {
            model = new(network, task);
            WeightDraw.Apply(model, new("rnn", KernelPath.Cell, network.Shape.Hidden, 1, Bidirectional: false, null, InitKind.Default), task.Steps, seed: 1);
            var spec = new OptimizerSpec(OptimizerKind.Adam, 1e-3);
            Parameter[] parameters = [.. model.Parameters];
            optimizer = Optimizers.Create(spec, parameters);
            engine = EngineTraining.Of(model, new(1, 1, spec, null));
            if (engine is not null) own = new(optimizer, spec, parameters);
        }

        /// <summary>One step's milliseconds.</summary>
        public double Step(BatchTensors batch, SequenceBatch plain)
        {
            var began = ThreadClock.Milliseconds();
            if (engine is not null)
            {
                engine.Forward(plain, null);
                engine.Backward();
                own!.Step(1e-3);
                return ThreadClock.Milliseconds() - began;
            }

            using (NewDisposeScope())
            {
                var loss = batch.Loss(model.Predict(batch));
                optimizer.zero_grad();
                model.Backward(loss);
                optimizer.step();
                loss.item<float>();
            }

            return ThreadClock.Milliseconds() - began;
        }

        public void Dispose()
        {
            engine?.Dispose();
            optimizer.Dispose();
            model.Dispose();
        }
    }
}
