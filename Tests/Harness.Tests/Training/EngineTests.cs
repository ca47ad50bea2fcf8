using System.Runtime.Intrinsics;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Cells;
using Harness.Training.Engine;
using Harness.Training.Networks;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

/// <summary>The engine against the library's kernels, and against itself at other widths.</summary>
public sealed class EngineTests
{
    /// <summary>Sizes around the widths of registers and tiles, and far from them.</summary>
    private static readonly (int Steps, int Batch, int Input, int Hidden, int Layers, bool Bidirectional)[] Sizes =
    [
        (5, 4, 3, 16, 1, false), (7, 3, 2, 17, 1, false), (9, 1, 1, 1, 3, false), (6, 9, 33, 40, 2, true), (13, 2, 20, 64, 1, false), (3, 12, 5, 79, 1, true), (1, 5, 2, 4, 2, true),
    ];

    public static TheoryData<string, string?> Cells => new() { { "rnn", "tanh" }, { "rnn", "relu" }, { "lstm", null }, { "gru", null } };

    [Theory, MemberData(nameof(Cells))]
    public void It_agrees_with_the_library_in_outputs_and_all_gradients(string cell, string? activation)
    {
        foreach (var size in Sizes)
        {
            foreach (var varying in (bool[])[false, true])
            {
                foreach (var last in (bool[])[false, true])
                {
                    foreach (var (dtype, tolerance) in ((ScalarType, double)[])[(ScalarType.Float64, 1e-12), (ScalarType.Float32, 1e-5)])
                    {
                        using var scope = NewDisposeScope();
                        var (library, engine) = (Results(cell, activation, size, dtype, varying, last, width: null), Results(cell, activation, size, dtype, varying, last, EngineWidths.Best));
                        library.Keys.ShouldBe(engine.Keys, ignoreOrder: true);
                        foreach (var (name, value) in library)
                        {
                            var difference = (engine[name] - value).abs().max().to(ScalarType.Float64).item<double>();
                            difference.ShouldBeLessThanOrEqualTo(tolerance * value.abs().max().to(ScalarType.Float64).item<double>(), $"{name}, {size}, {dtype}, varying {varying}, last {last}");
                        }
                    }
                }
            }
        }
    }

    [Theory, MemberData(nameof(Cells))]
    public void Every_width_gives_the_same_bits_and_so_does_the_next_run(string cell, string? activation)
    {
        foreach (var size in Sizes)
        {
            using var scope = NewDisposeScope();
            var first = Results(cell, activation, size, ScalarType.Float32, varying: true, last: false, EngineWidth.Portable);
            foreach (var width in (EngineWidth[])[EngineWidth.Portable, EngineWidth.Avx2, EngineWidth.Avx512])
            {
                var again = Results(cell, activation, size, ScalarType.Float32, varying: true, last: false, width);
                foreach (var (name, value) in first) again[name].bytes.SequenceEqual(value.bytes).ShouldBeTrue($"{name}, {size}, {width}");
            }
        }
    }

    /// <summary>Evaluations run in parts, training runs whole: what a sequence gets does not depend on its neighbours.</summary>
    [Theory, MemberData(nameof(Cells))]
    public void A_sequence_gets_the_same_bits_in_any_company(string cell, string? activation)
    {
        using var scope = NewDisposeScope();
        using var network = Network(cell, activation, (6, 0, 3, 18, 2, true), ScalarType.Float32, EngineWidths.Best);
        var input = NetworkTests.Input(6, 150, 3, ScalarType.Float32);
        var whole = network.EveryStep(input).detach();
        using (no_grad())
        {
            network.EveryStep(input).bytes.SequenceEqual(whole.bytes).ShouldBeTrue();
            network.Last(input.narrow(1, 77, 1)).bytes.SequenceEqual(network.Last(input).narrow(0, 77, 1).contiguous().bytes).ShouldBeTrue();
        }
    }

    [Theory, MemberData(nameof(Cells))]
    public void The_norms_on_the_way_back_are_those_of_the_loops_own_graph(string cell, string? activation)
    {
        var size = (Steps: 6, Batch: 5, Input: 3, Hidden: 7, Layers: 2, Bidirectional: true);
        using var scope = NewDisposeScope();
        var input = NetworkTests.Input(size.Steps, size.Batch, size.Input, ScalarType.Float64);
        var states = new List<(LoopStep Step, Tensor Value, bool IsCell)>();
        using var loop = new LoopNetwork(RecurrentCell.Find(cell)!, Shape(activation, size, ScalarType.Float64));
        using var engine = new EngineNetwork<double>(RecurrentCell.Find(cell)!, loop.Shape) { TakesNorms = true };
        Draw(loop);
        engine.CopyWeightsFrom(loop);
        var run = loop.Run(input, step =>
        {
            states.Add((step, step.After.H, false));
            if (step.After.C is { } c) states.Add((step, c, true));
        });
        var gradients = autograd.grad([LoopNetwork.LastOf(run).sin().sum()], [.. states.Select(state => state.Value)]);
        var cut = engine.Last(input);
        cut.sin().sum().backward();
        engine.BackwardFromCut(cut.grad!, [.. engine.Weights.Select(weight => zeros_like(weight.Tensor, requires_grad: false))]);
        foreach (var (state, gradient) in states.Zip(gradients))
        {
            var expected = gradient.square().sum(1).sqrt().data<double>().ToArray();
            var (hidden, cells) = engine.Norms(state.Step.Layer, state.Step.Backwards ? 1 : 0);
            var norms = (state.IsCell ? cells! : hidden).AsSpan(state.Step.Step * size.Batch, size.Batch);
            for (var b = 0; b < size.Batch; b++) norms[b].ShouldBe(expected[b], 1e-12 * Math.Max(expected[b], 1e-3));
        }
    }

    /// <summary>Within four units in the last place, as <see cref="Elementary{L, V, T}"/> promises.</summary>
    [Fact]
    public void Its_tanh_and_sigma_are_within_four_units_of_the_true_value()
    {
        double single = 0, twice = 0;
        for (var x = -95.0; x <= 95; x += x is > -1 and < 1 ? 0.00037 : 0.0113)
        {
            var (narrow, wide) = ((float)x, x);
            single = Math.Max(single, Math.Max(
                Units(Elementary<Lanes512, Vector512<float>, float>.Tanh(Lanes512.Broadcast(ref narrow))[0], Math.Tanh(narrow), 24),
                narrow < -85 ? 0 : Units(Elementary<Lanes512, Vector512<float>, float>.Sigmoid(Lanes512.Broadcast(ref narrow))[0], 1 / (1 + Math.Exp(-(double)narrow)), 24)));
            twice = Math.Max(twice, Math.Max(
                Units(Elementary<DoubleLanes, Vector256<double>, double>.Tanh(DoubleLanes.Broadcast(ref wide))[0], Math.Tanh(x), 53),
                Units(Elementary<DoubleLanes, Vector256<double>, double>.Sigmoid(DoubleLanes.Broadcast(ref wide))[0], 1 / (1 + Math.Exp(-x)), 53)));
        }

        single.ShouldBeLessThanOrEqualTo(4);
        twice.ShouldBeLessThanOrEqualTo(4);
    }

    private static double Units(double found, double right, int bits) => found == right ? 0 : Math.Abs(found - right) / Math.ScaleB(1, Math.ILogB(right) + 1 - bits);

    [Theory, MemberData(nameof(Cells))]
    public void What_is_not_a_number_is_handed_on_within_its_sequence(string cell, string? activation)
    {
        using var scope = NewDisposeScope();
        using var network = Network(cell, activation, (2, 0, 1, 3, 1, false), ScalarType.Float32, EngineWidths.Best);
        var input = zeros(2, 3, 1);
        input[0, 1, 0] = float.NaN;
        network.Last(input).isnan().any(1).data<bool>().ToArray().ShouldBe([false, true, false]);
    }

    [Fact]
    public void It_says_what_it_cannot_do()
    {
        using var network = Network("rnn", "tanh", (2, 0, 3, 4, 1, false), ScalarType.Float32, EngineWidths.Best);
        Should.Throw<NotSupportedException>(() => network.Last(zeros(2, 1, 3, requires_grad: true))).Message.ShouldContain("input");
        Should.Throw<ArgumentException>(() => network.Last(zeros(2, 1, 4))).Message.ShouldContain("[T, B, 3]");
        Should.Throw<NotSupportedException>(() => new EngineNetwork<float>(new TransformerCell(), network.Shape)).Message.ShouldContain("does not have this cell");
        Should.Throw<ArgumentOutOfRangeException>(() => Tile<Lanes128, Vector128<float>, float>.Multiply(new float[15], 4, 1, new float[16], 4, new float[16], 4, 4, 1, 4, add: false));
        Should.Throw<ArgumentOutOfRangeException>(() => Tile<Lanes128, Vector128<float>, float>.Multiply(new float[16], 4, 1, new float[15], 4, new float[16], 4, 4, 1, 4, add: false));
        Should.Throw<ArgumentOutOfRangeException>(() => Tile<Lanes128, Vector128<float>, float>.Multiply(new float[16], 4, 1, new float[16], 4, new float[15], 4, 4, 1, 4, add: false));
    }

    private static StackShape Shape(string? activation, (int Steps, int Batch, int Input, int Hidden, int Layers, bool Bidirectional) size, ScalarType dtype) =>
        new(size.Input, size.Hidden, size.Layers, size.Bidirectional, activation, dtype, CPU);

    /// <param name="width">Null builds the library's network.</param>
    private static RecurrentNetwork Network(string cell, string? activation, (int Steps, int Batch, int Input, int Hidden, int Layers, bool Bidirectional) size, ScalarType dtype, EngineWidth? width)
    {
        var (implementation, shape) = (RecurrentCell.Find(cell)!, Shape(activation, size, dtype));
        RecurrentNetwork network = width is null ? new LibraryNetwork(implementation, shape, layerByLayer: false)
            : dtype == ScalarType.Float64 ? new EngineNetwork<double>(implementation, shape, width) : new EngineNetwork<float>(implementation, shape, width);
        Draw(network);
        return network;
    }

    private static void Draw(RecurrentNetwork network) => WeightDraw.Apply(
        new SequenceModel(network, new(3, network.Shape.Input, 1, LossKind.MeanSquaredError, 2, Graded: false)),
        new("rnn", KernelPath.Cell, network.Shape.Hidden, network.Shape.Layers, network.Shape.Bidirectional, null, InitKind.Default), 3, seed: 5);

    /// <summary>Outputs and the gradients of all weights, of a loss that every output takes part in.</summary>
    private static Dictionary<string, Tensor> Results(
        string cell, string? activation, (int Steps, int Batch, int Input, int Hidden, int Layers, bool Bidirectional) size, ScalarType dtype, bool varying, bool last, EngineWidth? width)
    {
        var network = Network(cell, activation, size, dtype, width);
        var input = NetworkTests.Input(size.Steps, size.Batch, size.Input, dtype);
        int[] lengths = [.. Enumerable.Range(0, size.Batch).Select(b => b == 0 ? size.Steps : 1 + (3 * b + 2) % size.Steps)];
        var ends = varying ? SequenceEnds.Of(lengths, size.Steps, CPU) : null;
        var output = last ? network.Last(input, ends: ends) : network.EveryStep(input, ends: ends);
        (output.sin() * 1.3).sum().backward();
        if (network.Cut is { } cut)
        {
            foreach (var weight in network.Weights) weight.Tensor.grad = zeros_like(weight.Tensor, requires_grad: false);
            network.BackwardFromCut(cut.grad!, [.. network.Weights.Select(weight => weight.Tensor.grad!)]);
        }

        var results = network.Weights.ToDictionary(weight => weight.Name, weight => weight.Tensor.grad!, StringComparer.Ordinal);
        results["output"] = output.detach();
        return results;
    }
}
