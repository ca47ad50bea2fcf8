using System.Globalization;
using System.Text;

namespace Harness.Catalog.Data;

/// <summary>
/// Makes the data files beside it, whose laws are therefore known. Whole numbers, additions, multiplications and divisions only, so that
/// every machine makes the same bytes. The tests are built with this file: they compare, and write the files anew when asked to.
/// The data files are dedicated to the public domain (CC0 1.0).
/// </summary>
internal static class CatalogData
{
    /// <summary>Every file with its content.</summary>
    public static IReadOnlyList<(string Name, string Content)> Files => [("load.csv", Load()), ("language.txt", Language()), ("visitors.csv", Visitors()), ("gestures.csv", Gestures())];

    /// <summary>
    /// Hourly load and temperature over 4,000 hours. Temperature: a daily cycle of ±4 around a level that drifts back to 12 by a fiftieth per
    /// hour. Load: a daily and a half-daily cycle of ±12 and ±6 around 100, half of the temperature's deviation six hours ago, and a
    /// disturbance d' = 0.8·d + e with e of standard deviation 2. Nobody who knows the law can forecast the next hour better than to
    /// that e: a mean squared error of 4, which is about 0.05 of the load's variance.
    /// </summary>
    private static string Load()
    {
        const int hours = 4_000, lag = 6;
        // cos and sin of 15° and of 30°: a rotation per hour.
        const double cosDay = 0.96592582628906831, sinDay = 0.25881904510252074, cosHalf = 0.86602540378443871, sinHalf = 0.5;
        var random = new Numbers(20_260_101);
        var text = new StringBuilder("load,temperature\n");
        var (day, daySine, half, halfSine) = (1.0, 0.0, 1.0, 0.0);
        double drift = 0, disturbance = 0;
        var past = new double[lag];
        for (var hour = 0; hour < hours; hour++)
        {
            drift = 0.98 * drift + 0.6 * random.Normal();
            disturbance = 0.8 * disturbance + 2 * random.Normal();
            var deviation = drift + 4 * daySine;
            var load = 100 + 12 * day + 6 * halfSine + 0.5 * past[hour % lag] + disturbance;
            past[hour % lag] = deviation;
            text.Append(CultureInfo.InvariantCulture, $"{load:F2},{12 + deviation:F2}\n");
            (day, daySine) = (day * cosDay - daySine * sinDay, daySine * cosDay + day * sinDay);
            (half, halfSine) = (half * cosHalf - halfSine * sinHalf, halfSine * cosHalf + half * sinHalf);
        }

        return text.ToString();
    }

    /// <summary>
    /// 60,000 letters of which each depends on the two before it: after every pair the four letters come with probabilities 27/40, 9/40,
    /// 3/40 and 1/40, in an order that the pair decides. Nobody can predict it better than its entropy rate, 0.8874 nats per letter.
    /// </summary>
    private static string Language()
    {
        const string letters = "abcd";
        var random = new Numbers(20_260_102);
        var ranked = new int[16][];
        for (var pair = 0; pair < ranked.Length; pair++)
        {
            ranked[pair] = [0, 1, 2, 3];
            for (var last = 3; last > 0; last--)
            {
                var other = random.Below(last + 1);
                (ranked[pair][last], ranked[pair][other]) = (ranked[pair][other], ranked[pair][last]);
            }
        }

        var text = new StringBuilder();
        var context = 0;
        while (text.Length < 60_000)
        {
            var letter = ranked[context][random.Below(40) switch { < 27 => 0, < 36 => 1, < 39 => 2, _ => 3 }];
            text.Append(letters[letter]);
            context = (context * 4 + letter) % 16;
        }

        return text.ToString();
    }

    /// <summary>
    /// Visitors of a museum in 180 months: 400 and 2 more each month, a yearly cycle of ±60, and a disturbance d' = 0.5·d + e with e of standard deviation 8. Trend and cycle obey
    /// linear recurrences, so that a linear regression on a year can forecast the next month nearly as well as the law; nobody can do so better than to that e.
    /// </summary>
    private static string Visitors()
    {
        const int months = 180;
        // cos and sin of 30°: a rotation per month.
        const double cosMonth = 0.86602540378443871, sinMonth = 0.5;
        var random = new Numbers(20_260_103);
        var text = new StringBuilder("month,visitors\n");
        var (cosine, sine, disturbance) = (1.0, 0.0, 0.0);
        for (var month = 0; month < months; month++)
        {
            disturbance = 0.5 * disturbance + 8 * random.Normal();
            text.Append(CultureInfo.InvariantCulture, $"{2010 + month / 12}-{month % 12 + 1:00},{400 + 2 * month - 60 * cosine + disturbance:F0}\n");
            (cosine, sine) = (cosine * cosMonth - sine * sinMonth, sine * cosMonth + cosine * sinMonth);
        }

        return text.ToString();
    }

    /// <summary>
    /// 150 gestures of 16 to 24 time steps in two coordinates, 90 for training, 30 for validation and 30 to test. The hand makes a move of three steps up, down or to the side at its
    /// start and then returns to rest, with noise of standard deviation 0.2: the class stands in the first steps, and the last ones say nothing.
    /// </summary>
    private static string Gestures()
    {
        const int gestures = 150, shortest = 16, longest = 24, move = 3;
        (string Name, double X, double Y)[] classes = [("up", 0, 1), ("down", 0, -1), ("side", 1, 0)];
        var random = new Numbers(20_260_104);
        var text = new StringBuilder("gesture,part,x,y,answer\n");
        for (var gesture = 0; gesture < gestures; gesture++)
        {
            var (name, x, y) = classes[random.Below(classes.Length)];
            var part = gesture < 90 ? "train" : gesture < 120 ? "validation" : "test";
            var steps = shortest + random.Below(longest - shortest + 1);
            for (var step = 0; step < steps; step++)
            {
                var size = step < move ? 1.0 : 0;
                text.Append(CultureInfo.InvariantCulture, $"{gesture + 1},{part},{size * x + 0.2 * random.Normal():F2},{size * y + 0.2 * random.Normal():F2},{name}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>SplitMix64 (Steele, Lea &amp; Flood 2014).</summary>
    private sealed class Numbers(ulong seed)
    {
        private ulong state = seed;

        public int Below(int bound) => (int)(Next() % (ulong)bound);

        /// <summary>Nearly normal, with mean 0 and variance 1: the sum of twelve uniform numbers, less six.</summary>
        public double Normal()
        {
            double sum = -6;
            for (var i = 0; i < 12; i++) sum += (Next() >> 11) * (1.0 / (1L << 53));
            return sum;
        }

        private ulong Next()
        {
            state += 0x9E3779B97F4A7C15;
            var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }
}
