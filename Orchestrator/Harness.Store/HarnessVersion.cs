using System.Reflection;

namespace Harness.Store;

/// <summary>The version of this program, with the commit it was built from when the build knew it.</summary>
public static class HarnessVersion
{
    public static string Text { get; } =
        typeof(HarnessVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
