using Harness.Training.Cells;
using Harness.Training.Tasks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>A recurrent network with a linear output layer: what is trained.</summary>
internal sealed class SequenceModel : IDisposable
{
    private readonly TaskShape task;
    private readonly Linear readOut;

    public SequenceModel(RecurrentNetwork network, TaskShape task)
    {
        this.task = task;
        Network = network;
        readOut = nn.Linear(network.Shape.Output, task.OutputSize, device: network.Shape.Device, dtype: network.Shape.Dtype);
        Weights = [.. network.Weights, new("readout.weight", readOut.weight), new("readout.bias", readOut.bias!)];
    }

    public RecurrentNetwork Network { get; }

    /// <summary>All weights; the output layer's are readout.weight [O, D·H] and readout.bias [O].</summary>
    public IReadOnlyList<NamedWeight> Weights { get; }

    public IEnumerable<Parameter> Parameters => Weights.Select(weight => weight.Tensor);

    public long ParameterCount => Weights.Sum(weight => weight.Tensor.numel());

    /// <summary>What the model answers at the steps that carry loss. Batches may be longer or shorter than those it was made for.</summary>
    /// <param name="dropout">Masks between layers; null, as in evaluations and probes, drops nothing.</param>
    /// <returns>[P, B, O], P the steps that carry loss.</returns>
    public Tensor Predict(BatchTensors batch, DropoutMasks? dropout = null)
    {
        var shape = batch.Shape;
        if (shape.LossSteps == 1) return ReadOut(Network.Last(batch.Input, dropout, batch.Ends)).unsqueeze(0);       // [1, B, O]
        var every = Network.EveryStep(batch.Input, dropout, batch.Ends);                                             // [T, B, D·H]
        return ReadOut(shape.FirstLossStep == 0 ? every : every.narrow(0, shape.FirstLossStep, shape.LossSteps));    // [P, B, O]
    }

    /// <summary>The output layer alone: [..., D·H] to [..., O].</summary>
    public Tensor ReadOut(Tensor features) => readOut.call(features);

    /// <summary>Adds the gradients of a loss of the latest prediction to those of the weights.</summary>
    public void Backward(Tensor loss)
    {
        loss.backward();
        if (Network.Cut is not { } cut) return;
        foreach (var (_, weight) in Network.Weights) weight.grad ??= zeros_like(weight, requires_grad: false);
        Network.BackwardFromCut(cut.grad!, [.. Network.Weights.Select(weight => weight.Tensor.grad!)]);
    }

    /// <summary>The gradients of a loss of the latest prediction, in the order of <see cref="Weights"/>; those of training stay as they are.</summary>
    public Tensor[] Gradients(Tensor loss)
    {
        if (Network.Cut is not { } cut) return autograd.grad([loss], [.. Parameters]).ToArray();
        var ofTorch = autograd.grad([loss], [cut, readOut.weight, readOut.bias!]);
        Tensor[] ofNetwork = [.. Network.Weights.Select(weight => zeros_like(weight.Tensor, requires_grad: false))];
        Network.BackwardFromCut(ofTorch[0], ofNetwork);
        return [.. ofNetwork, .. ofTorch.Skip(1)];
    }

    /// <summary>The same model as a float64 loop over single steps, with these weights: what probes look into.</summary>
    public SequenceModel DoublePrecisionLoop(RecurrentCell cell) => Twin(new LoopNetwork(cell, Network.Shape with { Dtype = ScalarType.Float64 }));

    /// <summary>The same model on the engine in float64, taking norms on the way back.</summary>
    public SequenceModel DoublePrecisionEngine(RecurrentCell cell) => Twin(new EngineNetwork<double>(cell, Network.Shape with { Dtype = ScalarType.Float64 }) { TakesNorms = true });

    private SequenceModel Twin(RecurrentNetwork network)
    {
        var twin = new SequenceModel(network, task);
        twin.Network.CopyWeightsFrom(Network);
        using var _ = no_grad();
        twin.readOut.weight.copy_(readOut.weight);
        twin.readOut.bias!.copy_(readOut.bias!);
        return twin;
    }

    public void Dispose()
    {
        Network.Dispose();
        readOut.Dispose();
    }
}
