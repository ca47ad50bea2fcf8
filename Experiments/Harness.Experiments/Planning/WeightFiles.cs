using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Specs;
using Harness.Data;

namespace Harness.Experiments.Planning;

/// <summary>A file of initial weights as it was read.</summary>
/// <param name="File">The file; null where it cannot be had.</param>
/// <param name="Tensors">What is in it; empty where there is a problem.</param>
/// <param name="Problem">Why it cannot be read.</param>
internal sealed record WeightFile(DataFile? File, IReadOnlyList<StoredTensor> Tensors, DataProblem? Problem);

/// <summary>The files of initial weights of one experiment: each is opened, hashed and read once.</summary>
internal sealed class WeightFiles(IDataFiles files)
{
    private readonly Dictionary<string, WeightFile> opened = new(StringComparer.Ordinal);

    /// <summary>The files that were read.</summary>
    public IEnumerable<DataFile> Files => opened.Values.Select(entry => entry.File).OfType<DataFile>();

    /// <param name="path">As the experiment file names it.</param>
    public WeightFile Of(string path) => opened.TryGetValue(path, out var known) ? known : opened[path] = Open(path);

    private WeightFile Open(string path)
    {
        try
        {
            var file = files.Open(path);
            return new(file, SafetensorsReader.Read(file.Content).Tensors, null);
        }
        catch (DataFileException refusal)
        {
            // The advice on large files is about rows.
            return Refused(refusal.Code, refusal.Message, refusal.Code == DiagnosticCodes.DataTooLarge ? "a smaller file" : refusal.Expected, refusal.Code == DiagnosticCodes.DataTooLarge ? "save float16 or bfloat16 in place of float32, and nothing but the weights" : null);
        }
        catch (FormatException damage)
        {
            return Refused(DiagnosticCodes.BadWeights, damage.Message, "a safetensors file", "write it with safetensors.torch.save_file(model.state_dict(), path); an exported model has one beside weights.pt");
        }

        WeightFile Refused(string code, string message, string? expected, string? suggestion) => new(null, [], new(code, "weights", $"{path}: {message}", expected, suggestion));
    }
}
