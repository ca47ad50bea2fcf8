using System.Runtime.CompilerServices;
using Harness.Training.Native;

namespace Harness.Tests;

internal static class TorchSetup
{
    /// <summary>Before any test touches TorchSharp: the same loader, and the same single thread, as the trainer's.</summary>
    [ModuleInitializer]
    internal static void Load() => TorchEnvironment.Start();
}
