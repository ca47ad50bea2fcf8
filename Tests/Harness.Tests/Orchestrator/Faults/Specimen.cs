using System.Collections;
using System.Reflection;

namespace Harness.Tests.Orchestrator.Faults;

/// <summary>
/// A sound record of any kind, and every way to spoil one of its fields. Both follow from the constructor, or from the properties of a record
/// without parameters, so that a field that is added is spoiled as well.
/// </summary>
internal static class Specimen
{
    private const int Deepest = 8;

    private static readonly object?[] numbers = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 1e308, -1e308, double.Epsilon];
    private static readonly string?[] texts = [null, "", "\0", "a\0b", new string('x', 1 << 20), "{", "[]", "null", "{\"kind\":\"completed\"}", "../../etc/passwd", "\uD800", "NaN"];

    /// <summary>A record with every field filled.</summary>
    /// <param name="value">What a field holds, by its name and type; null where nothing special is needed.</param>
    public static T Of<T>(Func<string, Type, object?> value) => (T)Of(typeof(T), value);

    public static object Of(Type type, Func<string, Type, object?> value) => Make(type, "", value)!;

    /// <summary>The record with one field spoiled, once for every field on every level and every way to spoil it. The place names the field and what is in it.</summary>
    public static IEnumerable<(string Place, T Spoiled)> Spoiled<T>(T sound) =>
        Spoil(typeof(T), sound, "", mayBeNull: false, 0).Where(one => one.Value is not null).Select(one => (one.Place, (T)one.Value!));

    private static object? Make(Type type, string name, Func<string, Type, object?> value)
    {
        if (value(name, type) is { } special) return special;
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(string)) return "text";
        if (plain == typeof(double)) return 0.5;
        if (plain == typeof(float)) return 0.5f;
        if (plain == typeof(bool)) return true;
        if (plain.IsEnum) return Enum.GetValues(plain).GetValue(0);
        if (plain.IsPrimitive) return Convert.ChangeType(1, plain, System.Globalization.CultureInfo.InvariantCulture);
        if (plain == typeof(TimeSpan)) return TimeSpan.FromSeconds(1);
        if (ElementOf(plain) is { } element) return List(plain, element, Make(element, name, value));
        var shape = ShapeOf(plain);
        return shape.Create([.. shape.Fields.Select(field => Make(field.Type, field.Name, value))]);
    }

    private static IEnumerable<(string Place, object? Value)> Spoil(Type type, object? sound, string path, bool mayBeNull, int depth)
    {
        if (depth > Deepest) yield break;
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (!type.IsValueType || mayBeNull) yield return ($"{path} = null", null);
        if (plain == typeof(string))
        {
            foreach (var text in texts) yield return ($"{path} = {(text is null ? "null" : text.Length > 40 ? "1 MB" : text.Replace("\0", "NUL", StringComparison.Ordinal))}", text);
        }
        else if (plain == typeof(double))
        {
            foreach (var number in numbers) yield return ($"{path} = {number}", number);
        }
        else if (plain == typeof(float))
        {
            foreach (var number in numbers) yield return ($"{path} = {number}", (float)(double)number!);
        }
        else if (plain == typeof(int))
        {
            foreach (var number in (int[])[-1, 0, 7, int.MaxValue, int.MinValue]) yield return ($"{path} = {number}", number);
        }
        else if (plain == typeof(long))
        {
            foreach (var number in (long[])[-1, 0, 7, long.MaxValue, long.MinValue]) yield return ($"{path} = {number}", number);
        }
        else if (plain.IsEnum)
        {
            foreach (var word in Enum.GetValues(plain)) yield return ($"{path} = {word}", word);
            yield return ($"{path} = 99", Enum.ToObject(plain, 99));
        }
        else if (sound is null)
        {
            // A part that may be missing, and is.
        }
        else if (plain == typeof(bool))
        {
            yield return ($"{path} = false", false);
        }
        else if (ElementOf(plain) is { } element)
        {
            yield return ($"{path} = []", List(plain, element));
            // Without an end that a pipe would take: bounded by the size of a message anyway.
            if (element.IsPrimitive) yield return ($"{path} = 1,000,000 of them", Array.CreateInstance(element, 1_000_000));
            var first = ((IEnumerable)sound).Cast<object?>().First();
            foreach (var (place, value) in Spoil(element, first, $"{path}[0]", mayBeNull: false, depth + 1)) yield return (place, List(plain, element, value));
        }
        else if (plain.Namespace?.StartsWith("Harness", StringComparison.Ordinal) == true)
        {
            var (fields, create) = ShapeOf(plain);
            var values = fields.Select(field => plain.GetProperty(field.Name)!.GetValue(sound)).ToArray();
            for (var i = 0; i < fields.Length; i++)
            {
                foreach (var (place, value) in Spoil(fields[i].Type, values[i], $"{path}.{fields[i].Name}", Nullable.GetUnderlyingType(fields[i].Type) is not null, depth + 1))
                {
                    object?[] changed = [.. values];
                    changed[i] = value;
                    yield return (place, create(changed));
                }
            }
        }
    }

    private static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType() : type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[0] : null;

    private static Array List(Type type, Type element, params object?[] elements)
    {
        var array = Array.CreateInstance(element, elements.Length);
        for (var i = 0; i < elements.Length; i++) array.SetValue(elements[i], i);
        type.IsInstanceOfType(array).ShouldBeTrue(type.ToString());
        return array;
    }

    private static ((string Name, Type Type)[] Fields, Func<object?[], object> Create) ShapeOf(Type type)
    {
        var constructor = ConstructorOf(type);
        if (constructor.GetParameters() is { Length: > 0 } parameters) return ([.. parameters.Select(parameter => (parameter.Name!, parameter.ParameterType))], constructor.Invoke);
        PropertyInfo[] properties = [.. type.GetProperties().Where(property => property.CanWrite)];
        return ([.. properties.Select(property => (property.Name, property.PropertyType))], Filled);

        object Filled(object?[] values)
        {
            var record = constructor.Invoke(null);
            foreach (var (property, value) in properties.Zip(values)) property.SetValue(record, value);
            return record;
        }
    }

    private static ConstructorInfo ConstructorOf(Type type) => type.GetConstructors(BindingFlags.Public | BindingFlags.Instance | BindingFlags.NonPublic)
        .Where(constructor => constructor.GetParameters() is not [{ ParameterType: var only }] || only != type).MaxBy(constructor => constructor.GetParameters().Length)!;
}
