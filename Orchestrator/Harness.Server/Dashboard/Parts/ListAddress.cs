namespace Harness.Server.Dashboard.Parts;

/// <summary>The address of a list with what it shows of it: a link that is passed on shows the same.</summary>
/// <param name="Path">Without the query.</param>
/// <param name="Values">The query; a name may occur several times.</param>
public sealed record ListAddress(string Path, IReadOnlyList<KeyValuePair<string, string>> Values)
{
    public const string Search = "q", Sort = "sort", Order = "order", Page = "page", Descending = "desc", Ascending = "asc";

    private const int LongestValue = 200, MostValues = 24, MostPages = 100_000;

    /// <summary>The first value of a name; null when it is not there.</summary>
    public string? this[string name] => All(name).FirstOrDefault();

    /// <summary>From 1.</summary>
    public int Number => int.TryParse(this[Page], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, MostPages) : 1;

    /// <summary>The address that a request asked for, without values that the list does not know.</summary>
    internal static ListAddress Of(HttpContext context, params string[] known) => new(
        context.Request.Path.Value ?? "/",
        [.. context.Request.Query.Where(entry => known.Contains(entry.Key, StringComparer.Ordinal))
            .SelectMany(entry => entry.Value.Where(value => !string.IsNullOrWhiteSpace(value)).Select(value => KeyValuePair.Create(entry.Key, value!.Length > LongestValue ? value[..LongestValue] : value)))
            .Take(MostValues)]);

    public IEnumerable<string> All(string name) => Values.Where(entry => entry.Key == name).Select(entry => entry.Value);

    /// <summary>With another value for a name, or none; on the first page, because what follows is another list.</summary>
    public ListAddress With(string name, string? value) => this with
    {
        Values = [.. Values.Where(entry => entry.Key != name && (entry.Key != Page || name == Page)), .. value is null ? [] : new[] { KeyValuePair.Create(name, value) }],
    };

    /// <summary>With one more value for a name that may occur several times.</summary>
    public ListAddress Plus(string name, string value) => this with { Values = [.. Values.Where(entry => entry.Key != Page), KeyValuePair.Create(name, value)] };

    /// <summary>Without one value of a name that may occur several times.</summary>
    public ListAddress Without(string name, string value) => this with { Values = [.. Values.Where(entry => entry.Key != Page && !(entry.Key == name && entry.Value == value))] };

    /// <summary>Sorted by a column; by the other end of it when it is sorted by that column already.</summary>
    /// <param name="first">The order that a column begins with.</param>
    public ListAddress SortedBy(string column, string first) =>
        With(Sort, column).With(Order, this[Sort] == column && (this[Order] ?? first) == first ? (first == Ascending ? Descending : Ascending) : first);

    public override string ToString() =>
        Values.Count == 0 ? Path : $"{Path}?{string.Join('&', Values.Select(entry => $"{Uri.EscapeDataString(entry.Key)}={Uri.EscapeDataString(entry.Value)}"))}";
}

/// <summary>A form above a list: a search, and choices.</summary>
/// <param name="Label">What is searched.</param>
public sealed record ListForm(ListAddress Address, string Label, IReadOnlyList<ListChoice> Choices)
{
    public bool HasSearch { get; init; } = true;
}

/// <param name="Name">In the address.</param>
/// <param name="None">The words for no choice; null where one of the options always holds.</param>
public sealed record ListChoice(string Name, string Label, string? None, IReadOnlyList<(string Value, string Text)> Options)
{
    /// <summary>The option that holds when the address names none.</summary>
    public string? Default { get; init; }
}
