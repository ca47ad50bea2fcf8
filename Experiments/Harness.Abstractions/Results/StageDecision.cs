namespace Harness.Abstractions.Results;

/// <summary>A decision about the next step of an experiment. It is made once, when all trials of a stage have results, and never changes.</summary>
/// <param name="Ordinal">From 0.</param>
/// <param name="Stage">The stage that ended.</param>
/// <param name="Known">What the decision rests on: the number of results and a digest of them, as JSON.</param>
/// <param name="Decided">What was decided, as JSON; for tuning a list of <see cref="TuningChoice"/>, or of <see cref="NextPoints"/> while it continues.</param>
/// <param name="Why">The reason in a sentence.</param>
/// <param name="Next">The stage that begins; null when nothing is added.</param>
/// <param name="GoesOn">Whether another decision follows that stage.</param>
/// <param name="Added">How many trials it added.</param>
public sealed record StageDecision(int Ordinal, string Stage, string Known, string Decided, string Why, string? Next, bool GoesOn, int Added, DateTimeOffset At);

/// <summary>The settings that tuning chose for an arm.</summary>
/// <param name="Arm">Position in <see cref="Specs.TuningSpec.Arms"/>.</param>
/// <param name="Point">The chosen point.</param>
/// <param name="Values">Its values, in the order of the arm's settings.</param>
/// <param name="Studies">The best point of each study.</param>
/// <param name="Edges">Settings whose chosen value lies at the edge of what was searched.</param>
public sealed record TuningChoice(int Arm, int Point, IReadOnlyList<string> Values, IReadOnlyList<StudyBest> Studies, IReadOnlyList<SearchEdge> Edges);

/// <param name="Point">The best point of a study.</param>
/// <param name="Score">What it was chosen by, smaller is better: the median of the metric over seeds, or over several conditions the mean of its ranks; +∞ where no point trained.</param>
public sealed record StudyBest(int Point, double Score);

/// <param name="Setting">Its name.</param>
/// <param name="IsLow">Whether the best value is the smallest that was tried; else it is the largest.</param>
/// <param name="Value">The best value.</param>
/// <param name="Try">A wider search, as the experiment file would have it.</param>
public sealed record SearchEdge(string Setting, bool IsLow, string Value, string Try);

/// <summary>The points of an arm that a search trains next.</summary>
/// <param name="Arm">Position in <see cref="Specs.TuningSpec.Arms"/>.</param>
/// <param name="Points">Study by study, in the order in which they were drawn.</param>
public sealed record NextPoints(int Arm, IReadOnlyList<int> Points);
