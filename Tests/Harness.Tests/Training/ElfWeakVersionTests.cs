using Harness.Reports.Model;
using Harness.Training.Native;


namespace Harness.Tests.Training;

public sealed class ElfWeakVersionTests
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Marker = "_ZSt21ios_base_library_initv";

    private static readonly byte[] Shim = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));

    [Fact]
    public void Weakens_one_requirement_and_one_symbol_and_touches_nothing_else()
    {
        var patched = ElfWeakVersion.Apply(Shim, Version, Marker);

        patched.Length.ShouldBe(Shim.Length);
        var changes = Enumerable.Range(0, Shim.Length).Where(i => Shim[i] != patched[i]).Select(i => (Before: Shim[i], After: patched[i])).ToArray();
        changes.Length.ShouldBe(2);
        changes.ShouldContain(((byte)0x00, (byte)0x02));          // vna_flags: VER_FLG_WEAK
        changes.ShouldContain(change => change.Before >> 4 == 1 && change.After >> 4 == 2 && (change.Before & 15) == (change.After & 15));   // STB_GLOBAL to STB_WEAK
    }

    [Fact]
    public void Patching_twice_changes_nothing_more()
    {
        var once = ElfWeakVersion.Apply(Shim, Version, Marker);
        ElfWeakVersion.Apply(once, Version, Marker).ShouldBe(once);
    }

    [Fact]
    public void A_library_that_does_not_ask_for_the_version_stays_as_it_is() =>
        ElfWeakVersion.Apply(Shim, "GLIBCXX_9.9.9", Marker).ShouldBe(Shim);

    [Fact]
    public void A_version_that_something_else_needs_is_not_weakened() =>
        Should.Throw<InvalidDataException>(() => ElfWeakVersion.Apply(Shim, Version, "something_else")).Message.ShouldContain(Marker);

    [Fact]
    public void Bytes_that_are_no_elf_file_are_refused() =>
        Should.Throw<InvalidDataException>(() => ElfWeakVersion.Apply("MZ, not ELF, and long enough to hold a header: ................................"u8, Version, Marker)).Message.ShouldContain("not an ELF");

    [Fact]
    public void An_elf_file_for_another_machine_word_is_refused()
    {
        var narrow = Shim.ToArray();
        narrow[4] = 1;
        Should.Throw<InvalidDataException>(() => ElfWeakVersion.Apply(narrow, Version, Marker)).Message.ShouldContain("64-bit");
    }

    [Fact]
    public void A_file_that_is_cut_short_anywhere_is_refused_and_never_crashes()
    {
        for (var length = 0; length < Shim.Length; length += Shim.Length / 97)
            Should.Throw<InvalidDataException>(() => ElfWeakVersion.Apply(Shim.AsSpan(0, length), Version, Marker));
    }
}
