using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;

namespace Harness.Abstractions.Contracts;

/// <summary>The most characters of a text, elements of a list, or both for a list of texts.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LongestAttribute(int length) : Attribute
{
    public int Length => length;

    /// <summary>Whether a text may contain NUL: the reader replaces it.</summary>
    public bool MayHoldNul { get; init; }
}

/// <summary>
/// The rules for every message and every frame: no null where none may be, no text or list beyond its bound, no NUL character,
/// nothing but Unicode, no enum value without a name. A new member of a record is covered without further ado.
/// </summary>
public static class MessageShape
{
    /// <summary>Characters of a text, where its property says nothing else.</summary>
    public const int LongestText = 4096;

    /// <summary>Elements of a list, where its property says nothing else.</summary>
    public const int LongestList = 1 << 20;

    /// <summary>Messages nest three deep; anything beyond this is no message.</summary>
    private const int Deepest = 16;

    private static readonly ConcurrentDictionary<Type, Member[]> members = [];

    /// <summary>The first fault in words for people, beginning with the member's name; null for a sound message.</summary>
    public static string? FaultOf(object? message) => message is null ? "is missing" : Walk(message, "", null, 0)?.TrimStart('.');

    private static string? Walk(object? value, string path, LongestAttribute? bound, int depth)
    {
        var longest = bound?.Length;
        if (depth > Deepest) return $"{path} is nested too deeply";
        switch (value)
        {
            case null:
                return $"{path} is missing";
            case string text:
                if (text.Length > (longest ?? LongestText)) return string.Create(CultureInfo.InvariantCulture, $"{path} has {text.Length} characters, more than {longest ?? LongestText}");
                if (bound?.MayHoldNul != true && text.Contains('\0', StringComparison.Ordinal)) return $"{path} contains a NUL character";
                return IsUnicode(text) ? null : $"{path} is no Unicode text";
            case Enum word:
                return Enum.IsDefined(word.GetType(), word) ? null : $"{path} is {word:D}, which has no meaning";
            case Array { Length: var length } array when array.GetType().GetElementType()!.IsPrimitive:
                return TooLong(length);
            case ICollection list:
                return TooLong(list.Count) ?? Elements(list);
            case IEnumerable list:
                return Elements(list);
        }

        if (value.GetType().Namespace?.StartsWith("Harness", StringComparison.Ordinal) != true) return null;
        foreach (var member in members.GetOrAdd(value.GetType(), MembersOf))
        {
            var held = member.Property.GetValue(value);
            if (held is null && member.MayBeNull) continue;
            if (Walk(held, $"{path}.{member.Property.Name}", member.Bound, depth + 1) is { } fault) return fault;
        }

        return null;

        string? TooLong(int count) => count <= (longest ?? LongestList) ? null : string.Create(CultureInfo.InvariantCulture, $"{path} has {count} elements, more than {longest ?? LongestList}");

        string? Elements(IEnumerable list)
        {
            var index = 0;
            foreach (var element in list)
            {
                if (index > (longest ?? LongestList)) return TooLong(index);
                if (Walk(element, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), element is string ? bound : null, depth + 1) is { } fault) return fault;
            }

            return null;
        }
    }

    /// <summary>Half a surrogate pair can be written to no file and parsed by nobody.</summary>
    private static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }

    private static Member[] MembersOf(Type type)
    {
        var nullability = new NullabilityInfoContext();
        return
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                // What is computed is made of the rest.
                .Where(property => property.GetIndexParameters().Length == 0 && property.CanWrite)
                .Where(property => !property.PropertyType.IsPrimitive)
                .Select(property => new Member(
                    property, nullability.Create(property).ReadState != NullabilityState.NotNull && !IsPlainValue(property.PropertyType),
                    property.GetCustomAttribute<LongestAttribute>())),
        ];
    }

    private static bool IsPlainValue(Type type) => type.IsValueType && Nullable.GetUnderlyingType(type) is null;

    private sealed record Member(PropertyInfo Property, bool MayBeNull, LongestAttribute? Bound);
}
