using Harness.Abstractions.Specs;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>Steps of one of the library's optimizers for K models at once, each with its own learning rate and number of steps.</summary>
/// <remarks>The arithmetic is <see cref="Engine.Updates{L,V,T}"/>'s, which is the library's.</remarks>
internal sealed class BatchedOptimizer : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Alpha = 0.99, Epsilon = 1e-8;

    private readonly OptimizerSpec spec;
    private Tensor[] first, second;                                 // by weight, [K, …]; empty where the optimizer has no such thing
    private long[] steps;                                           // by model

    /// <param name="optimizers">The models' own, whose state is taken over.</param>
    public BatchedOptimizer(OptimizerSpec spec, IReadOnlyList<optim.Optimizer> optimizers)
    {
        this.spec = spec;
        var states = optimizers.Select(optimizer => States(optimizer)).ToArray();
        first = Stacked(state => state.First);
        second = Stacked(state => state.Second);
        steps = [.. states.Select(own => own[0].Step)];

        Tensor[] Stacked(Func<State, Tensor?> part) => part(states[0][0]) is null
            ? []
            : [.. Enumerable.Range(0, states[0].Length).Select(weight => stack(states.Select(own => part(own[weight])!)).DetachFromDisposeScope())];
    }

    /// <summary>One step of every model.</summary>
    /// <param name="weights">[K, …] each, written in place.</param>
    /// <param name="rates">The models' learning rates, schedule included.</param>
    public void Step(Tensor[] weights, Tensor[] gradients, double[] rates)
    {
        for (var model = 0; model < steps.Length; model++) steps[model]++;
        using var _ = no_grad();
        switch (spec.Kind)
        {
            case OptimizerKind.Adam or OptimizerKind.AdamW:
                Adam(weights, gradients, rates);
                break;
            case OptimizerKind.RmsProp:
                RmsProp(weights, gradients, Numbers(rates, weights[0]));
                break;
            case OptimizerKind.Sgd:
                Sgd(weights, gradients, Numbers(rates, weights[0]));
                break;
            default:
                throw new NotSupportedException($"There is no batched step for the optimizer '{spec.Kind}'.");
        }
    }

    private void Adam(Tensor[] weights, Tensor[] gradients, double[] rates)
    {
        // As the library computes them: in double precision, rounded once.
        var size = Numbers([.. rates.Zip(steps, (rate, step) => rate / (1 - Math.Pow(Beta1, step)))], weights[0]);
        var correction = Numbers([.. steps.Select(step => Math.Sqrt(1 - Math.Pow(Beta2, step)))], weights[0]);
        var kept = spec.Kind == OptimizerKind.AdamW ? Numbers([.. rates.Select(rate => 1 - rate * (spec.WeightDecay ?? 0))], weights[0]) : null;
        foreach (var (index, (weight, gradient)) in weights.Zip(gradients).Index())
        {
            if (kept is not null) weight.mul_(Broadcast(kept, weight));
            first[index].mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
            second[index].mul_(Beta2).addcmul_(gradient, gradient, value: 1 - Beta2);
            weight.sub_(first[index] / (second[index].sqrt() / Broadcast(correction, weight) + Epsilon) * Broadcast(size, weight));
        }
    }

    private void RmsProp(Tensor[] weights, Tensor[] gradients, Tensor rates)
    {
        foreach (var (index, (weight, gradient)) in weights.Zip(gradients).Index())
        {
            second[index].mul_(Alpha).addcmul_(gradient, gradient, value: 1 - Alpha);
            weight.sub_(WithMomentum(index, gradient / (second[index].sqrt() + Epsilon)) * Broadcast(rates, weight));
        }
    }

    private void Sgd(Tensor[] weights, Tensor[] gradients, Tensor rates)
    {
        var decay = spec.WeightDecay ?? 0;
        foreach (var (index, (weight, gradient)) in weights.Zip(gradients).Index())
            weight.sub_(WithMomentum(index, decay == 0 ? gradient : gradient.add(weight, alpha: decay)) * Broadcast(rates, weight));
    }

    private Tensor WithMomentum(int index, Tensor step) => spec.Momentum is > 0 and var mu ? first[index].mul_(mu).add_(step) : step;

    /// <summary>Copies a model's state to its own optimizer.</summary>
    public void CopyTo(optim.Optimizer optimizer, int model)
    {
        using var _ = no_grad();
        foreach (var (weight, own) in States(optimizer).Index())
        {
            own.Set(steps[model]);
            if (first.Length > 0) own.First!.copy_(first[weight][model]);
            if (second.Length > 0) own.Second!.copy_(second[weight][model]);
        }
    }

    /// <summary>Drops the state of all models but some.</summary>
    public void SelectRows(int[] rows)
    {
        foreach (var state in (Tensor[][])[first, second])
        {
            var kept = BatchedStep.Rows(state, rows);
            for (var index = 0; index < state.Length; index++)
            {
                if (ReferenceEquals(kept[index], state[index])) continue;
                state[index].Dispose();
                state[index] = kept[index].DetachFromDisposeScope();
            }
        }

        steps = [.. rows.Select(row => steps[row])];
    }

    /// <summary>Numbers [K] in a shape that spreads over a tensor [K, …].</summary>
    public static Tensor Broadcast(Tensor numbers, Tensor tensor) => numbers.reshape([tensor.shape[0], .. Enumerable.Repeat(1L, (int)tensor.dim() - 1)]);

    private static Tensor Numbers(double[] numbers, Tensor like) => tensor(numbers, dtype: like.dtype, device: like.device);

    /// <summary>What the library's optimizer remembers of its weights, in their order. A buffer that it would make at its first step is made now.</summary>
    private State[] States(optim.Optimizer optimizer)
    {
        var states = ((OptimizerHelper)optimizer).state_dict().State;
        return [.. states.Select((state, weight) => state switch
        {
            Adam.State adam => new State(adam.exp_avg, adam.exp_avg_sq, adam.step, step => adam.step = step),
            AdamW.State adam => new State(adam.exp_avg, adam.exp_avg_sq, adam.step, step => adam.step = step),
            RMSProp.State rms => new State(spec.Momentum > 0 ? rms.momentum_buffer ??= Zeros(optimizer, weight) : null, rms.square_avg, rms.step, step => rms.step = step),
            SGD.State sgd when spec.Momentum > 0 => new State(sgd.momentum_buffer ??= Zeros(optimizer, weight), null, 0, _ => { }),
            SGD.State => new State(null, null, 0, _ => { }),
            _ => throw new NotSupportedException($"There is no batched step for {state.GetType().FullName}."),
        })];
    }

    private static Tensor Zeros(optim.Optimizer optimizer, int weight) =>
        zeros_like(optimizer.parameters().ElementAt(weight), requires_grad: false).DetachFromDisposeScope();

    /// <param name="First">Mean of gradients, or momentum.</param>
    /// <param name="Second">Mean of squares.</param>
    private sealed record State(Tensor? First, Tensor? Second, long Step, Action<long> Set);

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[.. first, .. second]) tensor.Dispose();
    }
}
