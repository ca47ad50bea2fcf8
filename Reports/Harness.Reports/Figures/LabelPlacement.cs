namespace Harness.Reports.Figures;

/// <summary>Moves labels apart so that they do not cover each other, each as little as possible.</summary>
internal static class LabelPlacement
{
    /// <summary>New positions, in the order of <paramref name="wanted"/>, at least <paramref name="gap"/> apart where the room allows it.</summary>
    /// <param name="wanted">Where each label would like to be.</param>
    /// <param name="low">Smallest allowed position.</param>
    /// <param name="high">Largest allowed position.</param>
    /// <remarks>Pool-adjacent: labels that collide form a block that sits at the mean of what its members wanted.</remarks>
    public static double[] Spread(IReadOnlyList<double> wanted, double gap, double low, double high)
    {
        if (wanted.Count == 0) return [];
        if (wanted.Count > 1) gap = Math.Min(gap, (high - low) / (wanted.Count - 1));
        var order = Enumerable.Range(0, wanted.Count).OrderBy(i => wanted[i]).ThenBy(i => i).ToArray();
        var blocks = new List<(double Centre, int Size)>();
        foreach (var index in order)
        {
            blocks.Add((Within(wanted[index], 1), 1));
            while (blocks.Count > 1 && blocks[^1].Centre - blocks[^2].Centre < gap * (blocks[^1].Size + blocks[^2].Size) / 2.0 - 1e-9)
            {
                var (lower, upper) = (blocks[^2], blocks[^1]);
                var size = lower.Size + upper.Size;
                var centre = (lower.Centre * lower.Size + upper.Centre * upper.Size) / size;
                blocks.RemoveRange(blocks.Count - 2, 2);
                blocks.Add((Within(centre, size), size));
            }
        }

        var placed = new double[wanted.Count];
        var position = 0;
        foreach (var (centre, size) in blocks)
            for (var i = 0; i < size; i++) placed[order[position++]] = centre + gap * (i - (size - 1) / 2.0);
        return placed;

        double Within(double centre, int size)
        {
            var half = gap * (size - 1) / 2.0;
            return Math.Clamp(centre, low + half, Math.Max(low + half, high - half));
        }
    }
}
