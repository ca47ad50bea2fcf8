using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;

namespace Harness.Data;

/// <summary>Why a file of weights cannot be what a model begins with.</summary>
/// <param name="Tensor">The tensor that it is about; empty where it is about the file.</param>
/// <param name="Message">What is wrong, with the tensor's name.</param>
public sealed record WeightProblem(string Tensor, string Message, string? Expected = null, string? Suggestion = null);

/// <summary>
/// Which tensor of a safetensors file each weight of a model begins with. Names are PyTorch's, all of them behind one prefix (<c>lstm.weight_ih_l0</c>) or none. The output layer is
/// <c>readout</c>, or the one other module with weight and bias; it may be missing.
/// </summary>
public sealed class InitialWeights
{
    /// <summary>Missing or strange tensors that are named before the others are counted.</summary>
    private const int MostNamed = 5;

    private readonly List<WeightProblem> problems = [];
    private readonly Dictionary<string, StoredTensor> found = new(StringComparer.Ordinal);
    private int missing;

    private InitialWeights()
    {
    }

    /// <summary>The tensors by the names of the model's weights.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Found => found;

    /// <summary>Everything that is wrong; <see cref="Found"/> is complete where there is nothing.</summary>
    public IReadOnlyList<WeightProblem> Problems => problems;

    /// <summary>Whether the output layer's weights are in the file. Else they are drawn from the seed, as without a file.</summary>
    public bool HasOutputLayer => found.ContainsKey(WeightLayout.OutputWeight);

    /// <summary>Finds the weights of a model in a file.</summary>
    /// <param name="network">The weights below the output layer.</param>
    /// <param name="output">The output layer's.</param>
    /// <param name="model">What messages call the model, e.g. "lstm with hidden 64".</param>
    /// <param name="single">Whether the model computes in float32, whose range the numbers must fit.</param>
    public static InitialWeights Of(IReadOnlyList<StoredTensor> tensors, IReadOnlyList<WeightShape> network, IReadOnlyList<WeightShape> output, string model, bool single)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(output);
        var matched = new InitialWeights();
        var byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        string[] prefixes = [.. PrefixesOf(byName.Keys, network).Order(StringComparer.Ordinal)];
        if (prefixes.Length > 1)
        {
            matched.problems.Add(new("", $"the file holds several networks: {string.Join(", ", prefixes.Take(MostNamed).Select(prefix => prefix.Length == 0 ? "one without a prefix" : StoredTensor.Printable(prefix)))}",
                "one network, whose tensors all have the same prefix or none", "save the one that is meant into a file of its own"));
            return matched;
        }

        var prefix = prefixes is [var only] ? only : "";
        foreach (var weight in network) matched.Add(weight, byName.Remove(prefix + weight.Name, out var tensor) ? tensor : null, prefix + weight.Name, model, byName);
        matched.AddOutput(byName, output, model);
        matched.AddStrangers(byName, [.. network.Concat(output).Select(weight => weight.Name)], model);
        foreach (var (name, tensor) in matched.problems.Count == 0 ? matched.found : []) matched.RequireFinite(name, tensor, single);
        return matched;
    }

    /// <summary>What stands before the names of weights.</summary>
    private static HashSet<string> PrefixesOf(IEnumerable<string> names, IReadOnlyList<WeightShape> network)
    {
        var prefixes = new HashSet<string>(StringComparer.Ordinal);
        var known = network.Select(weight => weight.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in names)
        {
            // A name of the network may hold dots itself: the longest end of the name counts.
            for (var at = 0; at >= 0; at = name.IndexOf('.', at) is >= 0 and var dot ? dot + 1 : -1)
            {
                if (!known.Contains(name[at..])) continue;
                prefixes.Add(name[..at]);
                break;
            }
        }

        return prefixes;
    }

    private void Add(WeightShape weight, StoredTensor? tensor, string name, string model, Dictionary<string, StoredTensor> others)
    {
        if (tensor is null)
        {
            if (++missing > MostNamed) return;
            var near = EditDistance.Nearest(name, others.Keys);
            problems.Add(new(name, $"the file lacks the tensor {StoredTensor.Printable(name)}", $"{name} {StoredTensor.Sizes(weight.Shape)} for {model}",
                near is not null ? $"did you mean \"{StoredTensor.Printable(near)}\"?" : weight.Name.StartsWith("bias", StringComparison.Ordinal) ? "save zeros for a layer without biases" : "run `harness validate --explain HRN045` for the names that are read"));
        }
        else if (!tensor.IsReal) problems.Add(new(name, $"the tensor {tensor.ShortName} is of type {tensor.Type}", StoredTensor.Readable, "convert it before saving, for example with .float()"));
        else if (!tensor.Shape.SequenceEqual(weight.Shape))
            problems.Add(new(name, $"the tensor {tensor.ShortName} has shape {StoredTensor.Sizes(tensor.Shape)}", $"{StoredTensor.Sizes(weight.Shape)} for {model}", Advice(weight, tensor)));
        else found[weight.Name] = tensor;
    }

    /// <summary>Takes the output layer: by our own name, else the one module beside the network that has weight and bias and nothing else.</summary>
    private void AddOutput(Dictionary<string, StoredTensor> rest, IReadOnlyList<WeightShape> output, string model)
    {
        string[] modules = [.. rest.Keys.Where(name => name.EndsWith(".weight", StringComparison.Ordinal) || name.EndsWith(".bias", StringComparison.Ordinal)).Select(name => name[..name.LastIndexOf('.')]).Distinct(StringComparer.Ordinal)];
        var own = WeightLayout.OutputWeight[..WeightLayout.OutputWeight.IndexOf('.', StringComparison.Ordinal)];
        if ((modules.Contains(own, StringComparer.Ordinal) ? own : modules is [var single] ? single : null) is not { } module) return;
        foreach (var weight in output)
        {
            var name = module + weight.Name[own.Length..];
            Add(weight, rest.Remove(name, out var tensor) ? tensor : null, name, model, rest);
        }
    }

    private void AddStrangers(Dictionary<string, StoredTensor> rest, string[] known, string model)
    {
        foreach (var (name, tensor) in rest.OrderBy(entry => entry.Key, StringComparer.Ordinal).Take(MostNamed))
        {
            var near = EditDistance.Nearest(name, known);
            problems.Add(new(name, $"the file has the tensor {tensor.ShortName} {StoredTensor.Sizes(tensor.Shape)}, which {model} has not", null,
                near is not null ? $"did you mean \"{near}\"?" : $"leave it out of the file; the output layer is {WeightLayout.OutputWeight} and {WeightLayout.OutputBias}, or the only other module"));
        }

        if (rest.Count > MostNamed) problems.Add(new("", string.Create(CultureInfo.InvariantCulture, $"and {rest.Count - MostNamed} more tensors that {model} has not")));
    }

    /// <summary>Which cell and size recurrent weights of this shape are of; null where that cannot be told.</summary>
    private static string? Advice(WeightShape wanted, StoredTensor found)
    {
        if (!wanted.Name.StartsWith("weight_hh", StringComparison.Ordinal) || found.Shape is not [var rows, var hidden] || hidden == 0 || rows % hidden != 0) return null;
        if (rows / hidden == wanted.Shape[0] / wanted.Shape[1]) return string.Create(CultureInfo.InvariantCulture, $"set model.hidden: {hidden}, the size of the file");
        string[] cells = [.. CellCatalog.All.Where(cell => cell.Costs is null && cell.GateCount == rows / hidden).Select(cell => cell.Name)];
        return cells.Length == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"these are weights of {string.Join(" or ", cells)} with hidden {hidden}");
    }

    private void RequireFinite(string name, StoredTensor tensor, bool single)
    {
        if (IsFinite(tensor.Largest)) return;
        var numbers = tensor.Numbers();
        var place = Array.FindIndex(numbers, number => !IsFinite(number));
        problems.Add(new(name, string.Create(CultureInfo.InvariantCulture, $"number {place + 1} of the tensor {tensor.ShortName} is {numbers[place]}"),
            single && double.IsFinite(numbers[place]) ? "numbers within the range of float32, or dtype: float64" : "finite numbers", "save the weights of a training that did not diverge"));

        bool IsFinite(double number) => double.IsFinite(single ? (float)number : number);
    }
}
