using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harness.Abstractions.Specs;

/// <summary>A task's parameters by name, each as its canonical text, in ordinal order, so that equal sets have equal bytes.</summary>
[JsonConverter(typeof(ParameterSetJsonConverter))]
public sealed class ParameterSet : IEquatable<ParameterSet>
{
    private readonly ImmutableSortedDictionary<string, string> values;

    public ParameterSet(IEnumerable<KeyValuePair<string, string>> values) =>
        this.values = values.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Values => values;

    /// <summary>The value of <paramref name="name"/> as a whole number.</summary>
    /// <exception cref="KeyNotFoundException">The set lacks the parameter: the spec was not completed with the task's defaults.</exception>
    /// <exception cref="FormatException">The text is not a whole number.</exception>
    public int Integer(string name) => int.Parse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    /// <summary>The value of <paramref name="name"/> as a number.</summary>
    /// <exception cref="KeyNotFoundException">The set lacks the parameter: the spec was not completed with the task's defaults.</exception>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public double Number(string name) => double.Parse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The value of <paramref name="name"/> as a word.</summary>
    /// <exception cref="KeyNotFoundException">The set lacks the parameter: the spec was not completed with the task's defaults.</exception>
    public string Text(string name) =>
        values.TryGetValue(name, out var value) ? value : throw new KeyNotFoundException($"The task has no parameter '{name}'. It has: {string.Join(", ", values.Keys)}.");

    public bool Equals(ParameterSet? other) => other is not null && values.SequenceEqual(other.values);

    public override bool Equals(object? obj) => Equals(obj as ParameterSet);

    public override int GetHashCode() => values.Aggregate(17, (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value));
}

internal sealed class ParameterSetJsonConverter : JsonConverter<ParameterSet>
{
    public override ParameterSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var values = new List<KeyValuePair<string, string>>();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("Task parameters must be an object of strings.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw new JsonException($"Task parameter '{name}' must be a string.");
            values.Add(new(name, reader.GetString()!));
        }

        return new ParameterSet(values);
    }

    public override void Write(Utf8JsonWriter writer, ParameterSet value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value.Values) writer.WriteString(name, text);
        writer.WriteEndObject();
    }
}
