namespace Harness.Tests.Training;

/// <summary>The cells' equations written out with plain numbers, for one sequence: an oracle that shares no code with the product.</summary>
internal static class PlainCell
{
    /// <summary>Runs the sequence and returns the last h. At step <paramref name="at"/> the state h (or c) is shifted by <paramref name="shift"/>.</summary>
    /// <remarks>Shapes: w_ih [g·H][I], w_hh [g·H][H], b_ih [g·H], b_hh [g·H].</remarks>
    public static double[] Run(string cell, double[][] wih, double[][] whh, double[] bih, double[] bhh, double[][] inputs, int at = -1, char state = 'h', int unit = 0, double shift = 0)
    {
        var hidden = whh[0].Length;
        double[] h = new double[hidden], c = new double[hidden];
        for (var t = 0; t < inputs.Length; t++)
        {
            double[] next = new double[hidden], memory = new double[hidden];
            for (var j = 0; j < hidden; j++)
            {
                double Input(int gate) => Dot(wih[gate * hidden + j], inputs[t]) + bih[gate * hidden + j];
                double Recurrent(int gate) => Dot(whh[gate * hidden + j], h) + bhh[gate * hidden + j];
                switch (cell)
                {
                    case "rnn":
                        next[j] = Math.Tanh(Input(0) + Recurrent(0));
                        break;
                    case "gru":
                        var (r, z) = (Sigmoid(Input(0) + Recurrent(0)), Sigmoid(Input(1) + Recurrent(1)));
                        next[j] = (1 - z) * Math.Tanh(Input(2) + r * Recurrent(2)) + z * h[j];
                        break;
                    default:
                        memory[j] = Sigmoid(Input(1) + Recurrent(1)) * c[j] + Sigmoid(Input(0) + Recurrent(0)) * Math.Tanh(Input(2) + Recurrent(2));
                        if (t == at && state == 'c' && j == unit) memory[j] += shift;
                        next[j] = Sigmoid(Input(3) + Recurrent(3)) * Math.Tanh(memory[j]);
                        break;
                }

                if (t == at && state == 'h' && j == unit) next[j] += shift;
            }

            (h, c) = (next, memory);
        }

        return h;
    }

    private static double Dot(double[] row, double[] vector) => row.Zip(vector, (a, b) => a * b).Sum();

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
