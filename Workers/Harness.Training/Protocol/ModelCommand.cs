using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Training.Checkpoints;
using Harness.Training.Models;
using Harness.Training.Native;
using Harness.Training.Shared;

namespace Harness.Training.Protocol;

/// <summary><c>harness-trainer --model</c>: exports a trial's model, or applies an exported one. One request from standard input, one reply to standard output.</summary>
internal static class ModelCommand
{
    /// <returns>Whether it was done; else the reason is on <paramref name="errors"/>.</returns>
    /// <exception cref="TorchUnavailableException">The library is missing, and the request needs it.</exception>
    public static bool Run(Stream input, Stream output, TextWriter errors)
    {
        try
        {
            var reply = JsonSerializer.Deserialize(input, HarnessJson.Default.ModelRequest) switch
            {
                ExportModelRequest export => new(ModelFolder.Write(export)),
                PredictRequest predict => WithTorch(() => ModelUse.Predict(predict)),
                EvaluateRequest evaluate => WithTorch(() => ModelUse.Evaluate(evaluate)),
                _ => throw new JsonException("the request is null"),
            };
            JsonSerializer.Serialize(output, reply, HarnessJson.Default.ModelReply);
            return true;
        }
        catch (CheckpointRefusedException refusal)
        {
            errors.WriteLine($"The trial's weights are not a sound checkpoint: {refusal.Message}.");
        }
        catch (Exception refusal) when (refusal is TrialRejectedException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            errors.WriteLine(refusal.Message);
        }
        catch (JsonException malformed)
        {
            errors.WriteLine($"This is no request for a model: {malformed.Message}");
        }

        return false;
    }

    private static ModelReply WithTorch(Func<ModelReply> action)
    {
        TorchEnvironment.Start();
        return action();
    }
}
