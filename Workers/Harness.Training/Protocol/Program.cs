using System.Runtime.InteropServices;
using Harness.Abstractions.Contracts;
using Harness.Training.Checkpoints;
using Harness.Training.Native;

namespace Harness.Training.Protocol;

internal static class Program
{
    private const string Help = """
        harness-trainer: trains one trial at a time with TorchSharp.

          harness-trainer              reads requests from standard input, one JSON object per line, and writes frames to
                                       standard output, one per line; ends when the input ends
          harness-trainer < trial.json trains the trial in that file and prints its frames
          harness-trainer --probe      prints what it runs on and ends
          harness-trainer --help       prints this
          harness-trainer --export FILE.ckpt --as safetensors|state-dict OUT
                                       writes a checkpoint's weights under PyTorch's names, e.g. weight_ih_l0
          harness-trainer --model < request.json
                                       exports a trial's model, or applies an exported one

        HARNESS_LIBTORCH        folder of an installed libtorch 2.10, e.g. …/site-packages/torch/lib
        HARNESS_TORCH_THREADS   threads per trial (default 1)
        """;

    /// <summary>Set by the worker that started this process and reads its frames.</summary>
    private const string OwnedVariable = "HARNESS_TRAINER_OWNED";

    private const int Success = 0, Failure = 1, Usage = 2, NoTorch = 3;

    public static int Main(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(Help);
            return Success;
        }

        if (arguments is ["--export", var checkpoint, "--as", "safetensors" or "state-dict", var target]) return Export(checkpoint, arguments[3] == "safetensors" ? Safetensors.Encode : StateDict.Encode, target);
        if (arguments is not ([] or ["--probe"] or ["--model"]))
        {
            Console.Error.WriteLine($"harness-trainer does not know '{string.Join(' ', arguments)}'. It takes --probe, --export FILE.ckpt --as safetensors|state-dict OUT, --model, --help, or nothing.");
            return Usage;
        }

        // Ctrl-C and a service's stop reach every process of the group. A worker's trainer leaves the answer to the worker, which
        // lets trials finish; it ends when its input does.
        using var interrupts = Ignored(PosixSignal.SIGINT);
        using var terminations = Ignored(PosixSignal.SIGTERM);

        // Frames own the standard output; a library's output must not end up between them.
        using var frames = Console.OpenStandardOutput();
        Console.SetOut(Console.Error);
        var output = new FrameWriter(frames);
        try
        {
            if (arguments is ["--model"]) return ModelCommand.Run(Console.OpenStandardInput(), frames, Console.Error) ? Success : Failure;
            var environment = TorchEnvironment.Start();
            output.Write(new TrainerReady(TrainerReady.CurrentProtocol, Environment.ProcessId, environment));
            if (arguments is []) new TrainerSession(Console.OpenStandardInput(), output, TimeProvider.System).Serve();
            return Success;
        }
        catch (TorchUnavailableException missing)
        {
            Console.Error.WriteLine($"harness-trainer: {missing.Message}");
            return NoTorch;
        }
        catch (IOException)
        {
            // Nobody reads the frames any more: the parent is gone.
            return Success;
        }
    }

    private static int Export(string checkpoint, Func<Checkpoint, byte[]> encode, string target)
    {
        try
        {
            if (Path.GetFullPath(checkpoint) == Path.GetFullPath(target))
            {
                Console.Error.WriteLine("harness-trainer: the export would replace the checkpoint; name another file.");
                return Usage;
            }

            DurableFile.Write(target, encode(CheckpointCodec.Decode(CheckpointFolder.Read(checkpoint), trial: null)));
            return Success;
        }
        catch (CheckpointRefusedException refusal)
        {
            Console.Error.WriteLine($"harness-trainer: {checkpoint} is not a sound checkpoint: {refusal.Message}. The one before it may be.");
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"harness-trainer: {refusal.Message}");
        }

        return Failure;
    }

    private static PosixSignalRegistration? Ignored(PosixSignal signal) =>
        Environment.GetEnvironmentVariable(OwnedVariable) is null ? null : PosixSignalRegistration.Create(signal, context => context.Cancel = true);
}
