using System.Globalization;
using System.Text;

namespace Harness.Tests.Experiments;

/// <summary>Small files of every kind that people bring, made here.</summary>
internal static class StartSamples
{
    private static readonly CultureInfo invariant = CultureInfo.InvariantCulture;

    /// <summary>A trend, a season of twelve and a little of a fixed disturbance, as airlines' passengers have them.</summary>
    public static double Passengers(int month) => Math.Round(112 + 2.6 * month + (20 + 0.3 * month) * Math.Sin(month * Math.PI / 6) + month * 37 % 11 / 3.0);

    public static string Monthly => "\"Month\",\"Passengers\"\n" + Rows(144, month => string.Create(invariant, $"\"{1949 + month / 12}-{month % 12 + 1:00}\",{Passengers(month)}"));

    /// <summary>Semicolons, decimal commas, groups of three, day before month, a first line for Excel and empty rows at the end.</summary>
    public static string European => "sep=;\r\nDatum;Wert;Umsatz\r\n" + Rows(120, day => string.Create(invariant, $"{day % 28 + 1}.{day / 28 + 1}.2021;{day % 7},{day % 10};1.{day % 900 + 100},5").Replace("\n", "\r\n", StringComparison.Ordinal), "\r\n") + ";;\r\n;;\r\n";

    /// <summary>As pandas writes a frame: an index without a name, gaps, a word, and -200 where a sensor was silent.</summary>
    public static string Pandas => ",time,co,wind,site\n" + Rows(200, hour => string.Create(invariant, $"{hour},2024-01-{hour / 24 + 1:00} {hour % 24:00}:00:00,{(hour % 40 == 7 ? "-200" : (2 + hour % 5 * 0.1).ToString("0.0", invariant))},{(hour % 50 == 3 ? "NA" : (hour % 9).ToString(invariant))},{(hour % 3 == 0 ? "north" : "south")}"));

    /// <summary>Three stocks of the same days, row by row in turn.</summary>
    public static string Interleaved => "date,symbol,close\n" + Rows(240, row => string.Create(invariant, $"{new DateTime(2023, 1, 1).AddDays(row / 3):yyyy-MM-dd},{"ABC"[row % 3]}X,{100 * (row % 3 + 1) + row / 3 % 7}"));

    public static string NewestFirst => "Date,Close\n" + Rows(120, row => string.Create(invariant, $"{new DateTime(2023, 12, 31).AddDays(-row):yyyy-MM-dd},{50 + row * row % 13}"));

    public static string Activities => "t,x,y,activity\n" + Rows(300, row => string.Create(invariant, $"{row},{Math.Sin(row):0.000},{Math.Cos(row):0.000},{(row / 10 % 2 == 0 ? "walk" : "sit")}"));

    public static string NoHeader => Rows(150, row => string.Create(invariant, $"{row % 12},{row % 5 * 1.5}"));

    public static string Blanks => "year temp\n" + Rows(90, row => string.Create(invariant, $"{1900 + row}   {10 + row % 4 + row * 0.01:0.00}"));

    public static string JsonLines => Rows(100, row => string.Create(invariant, $"{{\"at\": \"2024-03-{row / 24 + 1:00}T{row % 24:00}:00:00Z\", \"load\": {row % 24 * 1.5}, \"meta\": {{\"ok\": true}}, \"tags\": [1]}}"));

    public static string Prose => string.Concat(Enumerable.Repeat("It was the best of times, it was the worst of times; nobody knew which.\n", 30));

    /// <summary>Two classes of series, told apart by their first values, as GunPoint's are; of unequal lengths.</summary>
    public static string Ts(int series, int dimensions, int seed) => "#made for tests\n@problemName Made\n@timeStamps false\n@univariate false\n@classLabel true up down\n@data\n" + Rows(series, number =>
    {
        var steps = 12 + (number / 3 + seed) % 5;
        var sign = number % 2 == 0 ? 1 : -1;
        return string.Join(':', Enumerable.Range(0, dimensions).Select(d => string.Join(',', Enumerable.Range(0, steps).Select(step => string.Create(invariant, $"{sign * (step < 4 ? 1 : 0) + 0.1 * Math.Sin(number + step + d + seed):0.000}"))))) + (number % 2 == 0 ? ":up" : ":down");
    });

    public static string Arff => "@relation made\n@attribute time numeric\n@attribute 'the load' numeric\n@attribute day {work,rest}\n@data\n" + Rows(120, row => string.Create(invariant, $"{row},{row % 24},{(row / 24 % 7 < 5 ? "work" : "rest")}"));

    /// <summary>A class and then the steps, without names, as the UCR archive's rows.</summary>
    public static string Ucr => Rows(40, number => $"{number % 2 + 1}\t" + string.Join('\t', Enumerable.Range(0, 24).Select(step => string.Create(invariant, $"{(number % 2 == 0 ? 1 : -1) * Math.Cos(step * 0.3) + number * 0.01:0.000}"))));

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Rows(int count, Func<int, string> row, string end = "\n") => string.Concat(Enumerable.Range(0, count).Select(number => row(number) + end));
}
