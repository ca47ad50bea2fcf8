using System.Reflection;
using Harness.Abstractions.Catalog;

namespace Harness.Training.Shared;

/// <summary>Ties an implementation to its entry in a catalogue. There is no second list to keep: the class is found by this name.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class CatalogNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>The classes of this assembly that implement <typeparamref name="T"/>, by catalogue name.</summary>
internal static class Implementations<T> where T : class
{
    private static readonly Dictionary<string, Type> ByName = typeof(T).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(T)))
        .ToDictionary(type => NameOf(type) ?? throw new InvalidOperationException($"{type.Name} lacks [CatalogName]."), StringComparer.Ordinal);

    private static readonly AsyncLocal<Type?> Guest = new();

    public static IReadOnlyCollection<string> Names => Guest.Value is { } guest ? [.. ByName.Keys, NameOf(guest)!] : ByName.Keys;

    /// <summary>Admits an implementation from elsewhere, for the calling context alone and until the result is disposed of.</summary>
    public static IDisposable Admit(Type implementation) => new GuestScope<Type>(Guest, implementation);

    /// <summary>A new instance of the implementation called <paramref name="name"/>, or null when there is none.</summary>
    public static T? Create(string name, params object[] arguments)
    {
        var type = Guest.Value is { } guest && NameOf(guest) == name ? guest : ByName.GetValueOrDefault(name);
        if (type is null) return null;
        return (T)Activator.CreateInstance(type, BindingFlags.Public | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
    }

    private static string? NameOf(Type type) => type.GetCustomAttribute<CatalogNameAttribute>()?.Name;
}
