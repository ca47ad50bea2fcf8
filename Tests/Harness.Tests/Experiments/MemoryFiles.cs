using System.Text;
using Harness.Abstractions.Specs;
using Harness.Data;

namespace Harness.Tests.Experiments;

/// <summary>Data files that are only in memory.</summary>
internal sealed class MemoryFiles(params (string Path, string Content)[] files) : IDataFiles
{
    public DataFile Open(string path)
    {
        var found = Array.FindIndex(files, file => file.Path == path);
        return found < 0 ? throw DataFileException.Missing() : DataFile.Of(path, Encoding.UTF8.GetBytes(files[found].Content));
    }
}
