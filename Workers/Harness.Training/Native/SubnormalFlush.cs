using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Harness.Training.Native;

/// <summary>Flush-to-zero and denormals-are-zero of the calling thread: a subnormal number is read and written as zero.</summary>
/// <remarks>
/// Gradients that vanish fall below 1.2e-38, the smallest normal float32. An Intel core takes some 150 cycles for each operation on such a number.
/// The mode belongs to a thread. On Linux a new thread inherits it from its creator; on Windows and macOS it does not.
/// </remarks>
internal static unsafe class SubnormalFlush
{
    private const uint FlushToZeroAndDenormalsAreZero = 0x8040;   // bits 15 and 6 of MXCSR
    private const uint FlushToZero = 1 << 24;                     // bit 24 of FPCR, for operands and results
    private const uint DenormalControl = 0x0300_0000, DenormalFlush = 0x0100_0000, DenormalSave = 0;   // _MCW_DN, _DN_FLUSH, _DN_SAVE

    /// <summary>Larger than any fenv_t: glibc and musl have 32 bytes on x64, 8 on Arm64; macOS has 16.</summary>
    private const int EnvironmentBytes = 64;

    private static readonly delegate* unmanaged<void*, int> GetEnvironment, SetEnvironment;
    private static readonly delegate* unmanaged<uint*, uint, uint, int> ControlWindows;

    /// <summary>Offset into fenv_t and bits of the register that flushes; -1 where this platform has no known one.</summary>
    private static readonly (int Offset, uint Bits) Register = FindRegister();

    static SubnormalFlush()
    {
        if (OperatingSystem.IsWindows())
        {
            ControlWindows = (delegate* unmanaged<uint*, uint, uint, int>)Export("ucrtbase.dll", "_controlfp_s");
            return;
        }

        string[] libraries = OperatingSystem.IsMacOS() ? ["libSystem.dylib"] : ["libm.so.6", "libm.so", "libc.so"];
        GetEnvironment = (delegate* unmanaged<void*, int>)Export(libraries, "fegetenv");
        SetEnvironment = (delegate* unmanaged<void*, int>)Export(libraries, "fesetenv");
    }

    /// <summary>Whether the calling thread flushes float32 results and operands; measured, not read from a register.</summary>
    public static bool IsOn => Bits(Product(2e-38f, 0.1f)) == 0 && Bits(Product(BitConverter.UInt32BitsToSingle(1), 1e30f)) == 0;

    /// <summary>Sets both modes on the calling thread. Call it on every thread that computes.</summary>
    /// <returns>Whether the thread flushes now; false where this platform gives no way to set it.</returns>
    public static bool Enable()
    {
        if (IsOn) return true;
        Set(on: true);
        return IsOn;
    }

    /// <summary>Sets or clears both modes on the calling thread, for measurements of what they change.</summary>
    public static void Set(bool on)
    {
        if (ControlWindows is not null)
        {
            uint current;
            ControlWindows(&current, on ? DenormalFlush : DenormalSave, DenormalControl);
            return;
        }

        var environment = stackalloc byte[EnvironmentBytes];
        if (TryCompose(environment, on)) SetEnvironment(environment);
    }

    /// <summary>Sets the mode on every thread of an OpenMP pool that belongs to the calling thread, libtorch's for example.</summary>
    /// <param name="library">A loaded library that is linked to the OpenMP runtime of the pool.</param>
    /// <param name="threads">Size of the pool.</param>
    /// <remarks>fesetenv has the signature of a parallel region's body, so that no managed code runs on the pool's threads. Without GNU's entry point nothing is done.</remarks>
    public static void EnableOnPool(nint library, int threads)
    {
        var environment = stackalloc byte[EnvironmentBytes];
        if (threads < 2 || !NativeLibrary.TryGetExport(library, "GOMP_parallel", out var parallel) || !TryCompose(environment, on: true)) return;
        ((delegate* unmanaged<void*, void*, uint, uint, void>)parallel)(SetEnvironment, environment, (uint)threads, 0);
    }

    /// <summary>Writes the calling thread's floating-point environment, with flushing on or off.</summary>
    private static bool TryCompose(byte* environment, bool on)
    {
        if (Register.Offset < 0 || GetEnvironment is null || SetEnvironment is null || GetEnvironment(environment) != 0) return false;
        ref var register = ref *(uint*)(environment + Register.Offset);
        register = on ? register | Register.Bits : register & ~Register.Bits;
        return true;
    }

    /// <summary>Where fenv_t keeps MXCSR or FPCR.</summary>
    private static (int Offset, uint Bits) FindRegister() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 when OperatingSystem.IsLinux() => (28, FlushToZeroAndDenormalsAreZero),   // after the x87 state
        Architecture.X64 when OperatingSystem.IsMacOS() => (4, FlushToZeroAndDenormalsAreZero),    // control, status, mxcsr
        Architecture.Arm64 when OperatingSystem.IsLinux() => (0, FlushToZero),                     // fpcr, fpsr: 32 bits each
        Architecture.Arm64 when OperatingSystem.IsMacOS() => (8, FlushToZero),                     // fpsr, fpcr: 64 bits each
        _ => (-1, 0),
    };

    private static nint Export(string library, string name) =>
        NativeLibrary.TryLoad(library, out var loaded) && NativeLibrary.TryGetExport(loaded, name, out var address) ? address : 0;

    private static nint Export(string[] libraries, string name) => libraries.Select(library => Export(library, name)).FirstOrDefault(address => address != 0);

    /// <summary>Not inlined: a compiler would multiply constants by rules of its own.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Product(float a, float b) => a * b;

    private static uint Bits(float number) => BitConverter.SingleToUInt32Bits(number);
}
