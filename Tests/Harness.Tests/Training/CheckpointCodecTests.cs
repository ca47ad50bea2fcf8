using System.Buffers.Binary;
using System.Security.Cryptography;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Checkpoints;

namespace Harness.Tests.Training;

public sealed class CheckpointCodecTests
{
    private const string Trial = "00112233445566778899aabbccddeeff", OtherTrial = "ffeeddccbbaa99887766554433221100";

    // With the smallest normal numbers: smaller ones read as zero where a trial computes.
    private static Checkpoint Sample(string trial = Trial, int step = 7) => new(
        trial, step,
        new("here", 1, 2, 0.1, double.NaN, null, new(5, 0.25), null, 0.5, 0.75, [0.1, 1.0 / 3],
            [new("a", "train.loss", 1, 1, [1.5f, -0f, float.NaN, float.PositiveInfinity, 1.17549435e-38f])],
            [new(ProbeMoment.Init, 0, "h", 0, false, [1, 0.1, 2.2250738585072014e-308], -0.1, null)]),
        [
            new("model/weight_ih_l0", ElementType.Float32, [2, 3], Bytes(24)),
            new("model/readout.bias", ElementType.Float64, [1], Bytes(8)),
            new("model/empty", ElementType.Float32, [0, 4], Bytes(0)),
            new("optimizer/step/weight_ih_l0", ElementType.Int64, [], Bytes(8)),
            new("optimizer/exp_avg/weight_ih_l0", ElementType.Float32, [64, 32], Bytes(8192)),
        ]);

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 37 + 11))];

    private static string Refusal(byte[] file) => Should.Throw<CheckpointRefusedException>(() => CheckpointCodec.Decode(file, Trial)).Message;

    /// <summary>What an attacker, or a very unlucky disk, would have to do: the whole-file hash fits again.</summary>
    private static byte[] Rehashed(byte[] file)
    {
        SHA256.HashData(file.AsSpan(0, file.Length - 32)).CopyTo(file, file.Length - 32);
        return file;
    }

    [Fact]
    public void A_checkpoint_survives_to_the_bit()
    {
        var file = CheckpointCodec.Encode(Sample());
        var back = CheckpointCodec.Decode(file, Trial);
        (back.Trial, back.Step).ShouldBe((Trial, 7));
        back.Tensors.Select(tensor => (tensor.Name, tensor.Layout, Convert.ToHexString(tensor.Bytes.Span)))
            .ShouldBe(Sample().Tensors.Select(tensor => (tensor.Name, tensor.Layout, Convert.ToHexString(tensor.Bytes.Span))));
        back.Progress.Curves.Single().Values.Select(BitConverter.SingleToInt32Bits).ShouldBe(Sample().Progress.Curves.Single().Values.Select(BitConverter.SingleToInt32Bits));
        back.Progress.Gradients.Single().Norms.ShouldBe([1, 0.1, 2.2250738585072014e-308]);
        back.Progress.Candidate.ShouldBe(new TargetSighting(5, 0.25));
        CheckpointCodec.Encode(back).ShouldBe(file);
    }

    /// <summary>Bit flips, cut and lengthened files, zeroed pages, other trials' files, other versions, stale headers: all seeded.</summary>
    [Fact]
    public void A_thousand_mutations_are_refused_each_with_a_reason()
    {
        var sound = CheckpointCodec.Encode(Sample());
        var reasons = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            var file = (byte[])sound.Clone();
            var kind = (seed % 8) switch
            {
                0 => Do("bit flip", () => file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8))),
                1 => Do("truncation", () => file = file[..random.Next(file.Length)]),
                2 => Do("zeroed page", () => file.AsSpan(random.Next(file.Length / 4096) * 4096, 4096).Clear()),
                3 => Do("swapped file", () => file = CheckpointCodec.Encode(Sample(OtherTrial, random.Next(100)))),
                4 => Do("other digest", () => { random.NextBytes(file.AsSpan(20, 16)); Rehashed(file); }),
                5 => Do("other version", () => { BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(8), 2 + random.Next(1000)); Rehashed(file); }),
                6 => Do("lengthened", () => file = [.. file, .. new byte[1 + random.Next(5000)]]),
                _ => Do("flipped run", () => { foreach (ref var octet in file.AsSpan(random.Next(file.Length - 16), 16)) octet ^= 0xFF; }),
            };
            var reason = Should.Throw<CheckpointRefusedException>(() => CheckpointCodec.Decode(file, Trial), $"{kind}, seed {seed}").Message;
            reason.Length.ShouldBeGreaterThan(10);
            reasons[kind] = reasons.GetValueOrDefault(kind) + 1;
        }

        reasons.Values.ShouldBe(Enumerable.Repeat(125, 8));

        static string Do(string kind, Action mutate)
        {
            mutate();
            return kind;
        }
    }

    [Fact]
    public void Even_with_a_hash_that_fits_nothing_but_a_refusal_or_a_checkpoint_comes_out()
    {
        var sound = CheckpointCodec.Encode(Sample());
        var refused = 0;
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var file = (byte[])sound.Clone();
            for (var flips = 1 + random.Next(3); flips > 0; flips--) file[random.Next(8, 1200)] = (byte)random.Next(256);
            try
            {
                CheckpointCodec.Decode(Rehashed(file), Trial);
            }
            catch (CheckpointRefusedException)
            {
                refused++;
            }
        }

        refused.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void A_tensor_is_verified_by_its_own_hash_as_well()
    {
        var file = CheckpointCodec.Encode(Sample());
        file[^100] ^= 1;
        Refusal(Rehashed(file)).ShouldBe("the tensor optimizer/exp_avg/weight_ih_l0 does not match its hash");
    }

    [Fact]
    public void Reasons_say_what_is_wrong()
    {
        var file = CheckpointCodec.Encode(Sample());
        Refusal([]).ShouldContain("fewer than any checkpoint");
        Refusal(new byte[5000]).ShouldContain("does not start");
        Refusal(file[..^1]).ShouldContain($"{file.Length - 1} bytes where its header says {file.Length}");
        Refusal(CheckpointCodec.Encode(Sample(OtherTrial))).ShouldContain($"belongs to another trial ({OtherTrial}, not {Trial})");
    }

    [Fact]
    public void Sizes_that_a_file_merely_states_allocate_nothing()
    {
        var file = CheckpointCodec.Encode(Sample() with { Tensors = [new("t", ElementType.Float32, [int.MaxValue, int.MaxValue], Bytes(4))] });
        Refusal(file).ShouldContain("impossible sizes");
        file = CheckpointCodec.Encode(Sample() with { Tensors = [new("t", ElementType.Float32, [400_000_000], Bytes(4))] });
        Refusal(file).ShouldContain("needs 1600000000");
        file = CheckpointCodec.Encode(Sample() with { Tensors = [] });
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), int.MaxValue);
        Refusal(Rehashed(file)).ShouldContain("ends in the middle");
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), 0);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(44), int.MaxValue);
        Refusal(Rehashed(file)).ShouldContain("ends in the middle");
    }

    [Fact]
    public void A_name_may_come_only_once()
    {
        var twice = Sample().Tensors[0];
        Refusal(CheckpointCodec.Encode(Sample() with { Tensors = [twice, twice] })).ShouldContain("twice");
    }
}
