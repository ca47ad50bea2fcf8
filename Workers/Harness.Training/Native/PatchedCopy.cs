using System.Security.Cryptography;

namespace Harness.Training.Native;

/// <summary>The private copy of TorchSharp's shim that systems with an older C++ runtime can load.</summary>
internal static class PatchedCopy
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Marker = "_ZSt21ios_base_library_initv";

    /// <summary>Makes the copy unless it is there, and returns its path. The original is only read.</summary>
    /// <remarks>The file is named after the original's hash and appears by rename, so any number of processes may do this at once.</remarks>
    /// <exception cref="IOException">Neither the user's cache folder nor the temporary folder can be written.</exception>
    /// <exception cref="InvalidDataException">The original is not the library this patch is for.</exception>
    public static string Of(string original)
    {
        var bytes = File.ReadAllBytes(original);
        var name = $"LibTorchSharp-{Convert.ToHexStringLower(SHA256.HashData(bytes))[..24]}-weak.so";
        Exception? refusal = null;
        foreach (var folder in Folders())
        {
            try
            {
                var path = Path.Combine(folder, name);
                if (File.Exists(path)) return path;
                Directory.CreateDirectory(folder);
                var draft = Path.Combine(folder, $".{name}.{Environment.ProcessId}");
                File.WriteAllBytes(draft, ElfWeakVersion.Apply(bytes, Version, Marker));
                File.Move(draft, path, overwrite: true);
                return path;
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                refusal = unwritable;
            }
        }

        throw new IOException($"No folder for the patched copy of {original} can be written: {refusal?.Message}", refusal);
    }

    private static IEnumerable<string> Folders()
    {
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        if (local.Length > 0) yield return Path.Combine(local, "harness", "native");
        // Shared machines: the name carries the user, so that nobody meets a copy that someone else could have put there.
        yield return Path.Combine(Path.GetTempPath(), $"harness-native-{Environment.UserName}");
    }
}
