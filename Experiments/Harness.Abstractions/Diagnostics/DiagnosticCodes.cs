namespace Harness.Abstractions.Diagnostics;

/// <summary>The stable codes of diagnostics. A code is never given another meaning.</summary>
public static class DiagnosticCodes
{
    public const string UnreadableFile = "HRN001";
    public const string InvalidYaml = "HRN002";
    public const string UnknownKey = "HRN003";
    public const string FileTooLong = "HRN004";
    public const string NotText = "HRN005";
    public const string OverBudget = "HRN006";
    public const string Anchor = "HRN007";
    public const string Tag = "HRN008";
    public const string SeveralDocuments = "HRN009";
    public const string DuplicateKey = "HRN010";
    public const string WrongKind = "HRN011";
    public const string UnknownWord = "HRN012";
    public const string OutOfRange = "HRN013";
    public const string MissingKey = "HRN014";
    public const string Empty = "HRN015";
    public const string CannotVary = "HRN016";
    public const string MissingCell = "HRN017";
    public const string Repeated = "HRN018";
    public const string DoesNotApply = "HRN019";
    public const string TooManyTrials = "HRN020";
    public const string Conflict = "HRN021";
    public const string UnsupportedVersion = "HRN022";
    public const string BadName = "HRN023";
    public const string BadOverride = "HRN024";
    public const string UnknownArm = "HRN025";
    public const string UnknownMetric = "HRN026";
    public const string Unmatched = "HRN027";
    public const string SameTrial = "HRN028";
    public const string TooLarge = "HRN029";
    public const string NothingExcluded = "HRN030";
    public const string TabIndent = "HRN032";
    public const string UndecidableClaim = "HRN033";
    public const string DataUnreadable = "HRN034";
    public const string DataOutside = "HRN035";
    public const string DataTooLarge = "HRN036";
    public const string DataNotText = "HRN037";
    public const string MalformedData = "HRN038";
    public const string UnknownColumn = "HRN039";
    public const string BadCell = "HRN040";
    public const string TooLittleData = "HRN041";
    public const string DegenerateData = "HRN042";
    public const string TooFewSeeds = "HRN043";
    public const string DoubtfulData = "HRN044";
    public const string BadWeights = "HRN045";
}
