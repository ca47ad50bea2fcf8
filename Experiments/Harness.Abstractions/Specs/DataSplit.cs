using System.Globalization;

namespace Harness.Abstractions.Specs;

/// <summary>A file cut by time into training, validation and test part, in this order. No window crosses a cut.</summary>
/// <param name="Train">Percent of the rows (or characters), from the start.</param>
/// <param name="Validation">Percent that follow; evaluations during training are made here.</param>
/// <param name="Test">Percent at the end, evaluated once, after training; 0 for none.</param>
public sealed record DataSplit(int Train, int Validation, int Test)
{
    /// <summary>Reads 70/15/15, or 80/20 without a test part; null when it is no split.</summary>
    public static DataSplit? Parse(string text)
    {
        var words = text.Split('/');
        if (words.Length is not (2 or 3)) return null;
        var shares = new int[3];
        for (var i = 0; i < words.Length; i++)
        {
            if (!int.TryParse(words[i].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out shares[i])) return null;
        }

        return shares[0] >= 1 && shares[1] >= 1 && shares.Sum() == 100 ? new DataSplit(shares[0], shares[1], shares[2]) : null;
    }

    public (DataPart Train, DataPart Validation, DataPart Test) Of(int rows)
    {
        var first = (int)((long)rows * Train / 100);
        var second = (int)((long)rows * (Train + Validation) / 100);
        return (new(0, first), new(first, second), new(second, Test == 0 ? second : rows));
    }

    /// <summary>
    /// The parts within a fold: validation and test are as long as without folds, and end one test part earlier for each fold that follows. So the test parts of all folds follow each other.
    /// </summary>
    public (DataPart Train, DataPart Validation, DataPart Test) Of(int rows, DataFold? fold)
    {
        var (train, validation, test) = Of(rows);
        if (fold is not { } which) return (train, validation, test);
        var shift = Math.Min((which.Count - which.Number) * test.Count, train.End);
        return (new(0, train.End - shift), new(validation.Start - shift, validation.End - shift), new(test.Start - shift, test.End - shift));
    }

    /// <summary>Percent of all rows that the parts have within a fold.</summary>
    public DataSplit Within(DataFold? fold) => fold is { } which ? this with { Train = Math.Max(0, Train - (which.Count - which.Number) * Test) } : this;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Train}/{Validation}/{Test}");
}

/// <summary>Rows (or characters) <paramref name="Start"/> to before <paramref name="End"/>.</summary>
public readonly record struct DataPart(int Start, int End)
{
    public int Count => End - Start;

    /// <summary>How many windows of <paramref name="length"/> rows fit whose answer lies <paramref name="ahead"/> rows beyond their last, all within this part.</summary>
    public int Windows(int length, int ahead) => Math.Max(0, Count - (length - 1) - ahead);
}
