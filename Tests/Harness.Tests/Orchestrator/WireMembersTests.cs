using System.Globalization;
using System.Reflection;
using Harness.Abstractions.Contracts;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Workers.Trainer;

namespace Harness.Tests.Orchestrator;

/// <summary>
/// Servers and workers of two versions talk to each other during an upgrade. A member of a message is known by its number alone, so numbers are given once, and none changes its meaning.
/// The list of numbers beside this file may grow; a line of it never changes.
/// </summary>
public sealed class WireMembersTests
{
    private static readonly Assembly[] assemblies = [typeof(AttemptReport).Assembly, typeof(TrainerProcess).Assembly, typeof(StoreException).Assembly, typeof(EmbeddedHarness).Assembly];

    private static string Path => System.IO.Path.Combine(Repository.Root, "Tests", "Harness.Tests", "Orchestrator", "WireMembers.txt");

    private static IEnumerable<Type> Messages => assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => type.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is not null && !type.IsEnum);

    public static TheoryData<string> Names => [.. Messages.Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_member_of_a_message_has_a_number_of_its_own(string name)
    {
        var type = Messages.Single(message => message.FullName == name);
        Stored(type).Where(member => NumberOf(member) is null).Select(member => member.Name).ShouldBeEmpty("without [Id] a member arrives empty");
        Stored(type).Select(NumberOf).ShouldBeUnique();
        type.GetCustomAttribute<AliasAttribute>(inherit: false).ShouldNotBeNull("without [Alias] a message is known by the name of its class");
    }

    [Fact]
    public void No_number_of_a_message_changed_its_meaning()
    {
        string[] members = [.. Messages.SelectMany(type => Stored(type).Select(member => string.Create(CultureInfo.InvariantCulture, $"{type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? type.FullName} {NumberOf(member)}: {member.Name} {Named(TypeOf(member))}"))).Order(StringComparer.Ordinal)];
        var known = File.Exists(Path) ? File.ReadAllLines(Path) : [];
        known.Except(members, StringComparer.Ordinal).ShouldBeEmpty("these members are known to running servers and workers; give a new member the next free number instead");
        if (Environment.GetEnvironmentVariable("HARNESS_REGENERATE") == "1") File.WriteAllText(Path, string.Concat(members.Select(member => member + "\n")));
        members.Except(File.ReadAllLines(Path), StringComparer.Ordinal).ShouldBeEmpty("new members: add them with HARNESS_REGENERATE=1 dotnet test");
    }

    /// <summary>Properties and fields of its own that hold something; what is computed is not sent.</summary>
    private static IEnumerable<MemberInfo> Stored(Type type)
    {
        const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (var field in type.GetFields(own))
        {
            if (!field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal)) yield return field;
            else if (type.GetProperty(field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)], own) is { } property) yield return property;
        }
    }

    private static uint? NumberOf(MemberInfo member) => member.GetCustomAttribute<IdAttribute>()?.Id;

    private static Type TypeOf(MemberInfo member) => member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    private static string Named(Type type) => type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Named))}>" : type.Name;
}
