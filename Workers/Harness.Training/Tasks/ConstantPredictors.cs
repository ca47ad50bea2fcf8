namespace Harness.Training.Tasks;

/// <summary>Losses of predictors that ignore the input, on the same set on which cells are evaluated.</summary>
internal static class ConstantPredictors
{
    /// <summary>Mean squared error of the best constant: the variance of the answers.</summary>
    public static double BestConstant(SequenceBatch set)
    {
        var outputs = set.Shape.OutputSize;
        double loss = 0, asked = 0;
        for (var output = 0; output < outputs; output++)
        {
            double sum = 0, count = 0;
            for (var i = output; i < set.Values.Length; i += outputs)
            {
                if (float.IsNaN(set.Values[i])) continue;
                sum += set.Values[i];
                count++;
            }

            var mean = sum / count;
            asked += count;
            for (var i = output; i < set.Values.Length; i += outputs)
                if (!float.IsNaN(set.Values[i])) loss += (set.Values[i] - mean) * (set.Values[i] - mean);
        }

        return loss / asked;
    }

    /// <summary>Cross-entropy of the class frequencies: their entropy, in nats.</summary>
    public static double ClassFrequencies(SequenceBatch set)
    {
        var counts = new double[set.Shape.OutputSize];
        foreach (var value in set.Classes)
            if (value != SequenceBatch.Ignored) counts[value]++;
        var total = counts.Sum();
        return -counts.Where(count => count > 0).Sum(count => count / total * Math.Log(count / total));
    }
}
