using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Catalog;

/// <summary>What can be asked of a person's own data. Measures and baselines say which of it they are for.</summary>
[Flags]
public enum DataQuestions
{
    None = 0,

    /// <summary>A number, some rows ahead or of a whole series.</summary>
    Number = 1,

    /// <summary>A class, of a row or of a whole series.</summary>
    Class = 2,

    /// <summary>The next character of a text.</summary>
    Text = 4,
}

/// <summary>The question of a task.</summary>
public static class DataQuestion
{
    /// <summary>What a task asks of a file; <see cref="DataQuestions.None"/> for a generated task.</summary>
    public static DataQuestions Of(TaskSpec task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (TaskCatalog.Find(task.Kind)?.ReadsFile != true) return DataQuestions.None;
        return task.Parameters.Values.GetValueOrDefault("problem") switch
        {
            null => DataQuestions.Text,
            "classify" => DataQuestions.Class,
            _ => DataQuestions.Number,
        };
    }
}
