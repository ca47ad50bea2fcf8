using System.Buffers.Binary;
using System.Text;

namespace Harness.Training.Native;

/// <summary>Marks a symbol version that a shared library asks for as weak, so that the loader no longer insists on it.</summary>
/// <remarks>
/// <para>
/// TorchSharp 0.107's <c>libLibTorchSharp.so</c> asks for <c>GLIBCXX_3.4.32</c> because of one symbol,
/// <c>std::ios_base_library_init</c>, which GCC 13 and later put into every file that includes &lt;iostream&gt;.
/// No relocation refers to it. Systems with an older libstdc++ (Debian 12, Ubuntu 22.04, RHEL 9) refuse the whole
/// library for it. With the version requirement weak (<c>VER_FLG_WEAK</c>) and the symbol weak (<c>STB_WEAK</c>)
/// the loader accepts it, and nothing else changes.
/// </para>
/// <para>Layouts: System V gABI, chapters 4 and 5, and the GNU symbol-versioning extension (LSB Core, "Symbol Versioning").</para>
/// </remarks>
internal static class ElfWeakVersion
{
    private const uint SectionDynamicSymbols = 11;
    private const uint SectionVersionNeeds = 0x6ffffffe;
    private const uint SectionSymbolVersions = 0x6fffffff;
    private const ushort FlagWeak = 2;
    private const byte BindingWeak = 2;
    private const int SymbolSize = 24;

    /// <summary>A copy of <paramref name="library"/> in which <paramref name="version"/> is required only weakly.</summary>
    /// <param name="library">A whole 64-bit little-endian ELF shared object.</param>
    /// <param name="version">The symbol version, e.g. <c>GLIBCXX_3.4.32</c>.</param>
    /// <param name="marker">The only symbol that may carry this version; a library that needs it for more is left alone.</param>
    /// <returns>As many bytes as went in; equal to them when the library does not ask for the version.</returns>
    /// <exception cref="InvalidDataException">These bytes are no such library, are cut short, or need the version for another symbol too.</exception>
    public static byte[] Apply(ReadOnlySpan<byte> library, string version, string marker)
    {
        var image = library.ToArray();
        var sections = Sections(image);
        var symbols = Only(sections, SectionDynamicSymbols, ".dynsym");
        var versions = Only(sections, SectionSymbolVersions, ".gnu.version");
        var needs = Only(sections, SectionVersionNeeds, ".gnu.version_r");

        if (WeakenRequirement(image, needs, sections, version) is not { } index) return image;

        for (long i = 0, count = symbols.Size / SymbolSize; i < count; i++)
        {
            if ((U16(image, versions.Offset + 2 * i) & 0x7fff) != index) continue;
            var symbol = symbols.Offset + SymbolSize * i;
            var name = Text(image, Linked(sections, symbols), U32(image, symbol));
            if (name != marker) throw new InvalidDataException($"The library needs {version} for '{name}', not only for '{marker}': it cannot run with an older C++ runtime.");
            ref var binding = ref image[At(image, symbol + 4, 1)];
            binding = (byte)((BindingWeak << 4) | (binding & 0x0f));
        }

        return image;
    }

    /// <summary>Sets the weak flag and returns the index by which symbols refer to the version, or null when it is not required.</summary>
    private static int? WeakenRequirement(byte[] image, Section needs, Section[] sections, string version)
    {
        var names = Linked(sections, needs);
        var need = needs.Offset;
        for (var remaining = needs.Count; remaining > 0; remaining--)
        {
            var auxiliary = need + U32(image, need + 8);
            for (int versions = U16(image, need + 2); versions > 0; versions--)
            {
                if (Text(image, names, U32(image, auxiliary + 8)) == version)
                {
                    var flags = image.AsSpan(At(image, auxiliary + 4, 2), 2);
                    BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | FlagWeak));
                    return U16(image, auxiliary + 6);
                }

                auxiliary += U32(image, auxiliary + 12);
            }

            need += U32(image, need + 12);
        }

        return null;
    }

    private sealed record Section(uint Type, long Offset, long Size, uint Link, uint Count);

    private static Section[] Sections(byte[] image)
    {
        if (image.Length < 64 || !image.AsSpan(0, 4).SequenceEqual("\u007fELF"u8)) throw new InvalidDataException("This is not an ELF file.");
        if (image[4] != 2 || image[5] != 1) throw new InvalidDataException("This is not a 64-bit little-endian ELF file.");
        var table = (long)U64(image, 40);
        var size = U16(image, 58);
        var sections = new Section[U16(image, 60)];
        for (var i = 0; i < sections.Length; i++)
        {
            var header = table + (long)i * size;
            At(image, header, size);
            sections[i] = new(U32(image, header + 4), (long)U64(image, header + 24), (long)U64(image, header + 32), U32(image, header + 40), U32(image, header + 44));
        }

        return sections;
    }

    private static Section Only(Section[] sections, uint type, string name)
    {
        foreach (var section in sections)
            if (section.Type == type) return section;
        throw new InvalidDataException($"The library has no {name} section.");
    }

    private static Section Linked(Section[] sections, Section section) =>
        section.Link < sections.Length ? sections[section.Link] : throw new InvalidDataException("A section refers to a string table that is not there.");

    private static string Text(byte[] image, Section strings, uint offset)
    {
        var start = At(image, strings.Offset + offset, 1);
        var length = image.AsSpan(start).IndexOf((byte)0);
        return length >= 0 ? Encoding.UTF8.GetString(image, start, length) : throw new InvalidDataException("The library is cut short.");
    }

    private static ushort U16(byte[] image, long offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(At(image, offset, 2)));

    private static uint U32(byte[] image, long offset) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(At(image, offset, 4)));

    private static ulong U64(byte[] image, long offset) => BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(At(image, offset, 8)));

    private static int At(byte[] image, long offset, int length) =>
        offset >= 0 && offset <= image.Length - length ? (int)offset : throw new InvalidDataException("The library is cut short.");
}
