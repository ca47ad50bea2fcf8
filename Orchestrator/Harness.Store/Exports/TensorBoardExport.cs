using Harness.Abstractions.Results;

namespace Harness.Store.Exports;

/// <summary>Results as TensorBoard's event files, see <see cref="TensorBoardFolder"/>.</summary>
internal static class TensorBoardExport
{
    /// <returns>The folder.</returns>
    public static IReadOnlyList<string> Write(ExperimentResults results, string folder)
    {
        var board = new TensorBoardFolder(folder);
        board.CheckIsOurs();
        board.Update(results);
        return [folder];
    }
}
