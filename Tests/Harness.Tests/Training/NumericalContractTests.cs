using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Tasks;

namespace Harness.Tests.Training;

/// <summary>
/// Finished trials are never trained again, so what a spec means must not drift. When one of these changes on purpose,
/// <see cref="TrialSpec.RevisionOf"/> is raised with it for the kernel paths that it concerns.
/// </summary>
public sealed class NumericalContractTests
{
    [Fact]
    public void A_spec_without_later_additions_has_the_bytes_it_always_had() =>
        Encoding.UTF8.GetString(TrialIdentity.CanonicalJson(Trials.Spec())).ShouldBe(
            """{"revision":3,"task":{"kind":"adding","length":12,"parameters":{"markers":"anywhere"}},"model":{"cell":"rnn","kernel":"Library","hidden":6,"layers":1,"bidirectional":false,"init":"Default"},"train":{"steps":12,"batch":4,"optimizer":{"kind":"Adam","lr":0.01},"clip_norm":1},"evaluation":{"every":5,"sequences":20},"probe":{"gradients":[],"sequences":4},"dtype":"Float32","device":"Cpu","seed":1}""");

    [Theory]
    [InlineData("adding", "4c8a1e847bcf9738")]
    [InlineData("temporal-order", "0f536081c053d87c")]
    [InlineData("copy-memory", "de2360a30701946d")]
    [InlineData("latch", "ea52d635b46922c5")]
    [InlineData("parity", "f35b1aa803dac70a")]
    [InlineData("majority", "873d61255e7f51fd")]
    [InlineData("anbn", "e12ce2dbbd0d10b6")]
    [InlineData("mackey-glass", "91d0947b2c79676b")]
    [InlineData("markov", "83851b72300b86b1")]
    public void A_batch_has_the_bits_it_always_had(string kind, string digest)
    {
        var batch = SequenceTask.Create(Trials.Task(kind, 24))!.TrainingBatch(3, 7, 5);
        Digest(MemoryMarshal.AsBytes(batch.Inputs.AsSpan()), MemoryMarshal.AsBytes(batch.Values.AsSpan()), MemoryMarshal.AsBytes(batch.Classes.AsSpan())).ShouldBe(digest);
    }

    [Theory]
    [InlineData(InitKind.Default, "rnn", "b05743089dd67bd1")]
    [InlineData(InitKind.Orthogonal, "gru", "bde3c1151ed6cce2")]
    [InlineData(InitKind.Identity, "rnn", "750126c8c2859f14")]
    [InlineData(InitKind.Chrono, "lstm", "5d60cc13c25eda2f")]
    public void Weights_have_the_bits_they_always_had(InitKind init, string cell, string digest)
    {
        using var model = Trials.Build(Trials.Model(cell, layers: 2) with { Init = init }, new TaskShape(50, 3, 2, LossKind.MeanSquaredError, 49, Graded: false), seed: 9);
        var weights = model.Weights.OrderBy(weight => weight.Name, StringComparer.Ordinal).SelectMany(weight => weight.Tensor.data<double>().ToArray()).ToArray();
        Digest(MemoryMarshal.AsBytes(weights.AsSpan())).ShouldBe(digest);
    }

    private static string Digest(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default) =>
        Convert.ToHexStringLower(SHA256.HashData([.. first, .. second, .. third]).AsSpan(0, 8));
}
