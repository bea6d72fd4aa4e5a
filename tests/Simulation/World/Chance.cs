namespace P2PCopy.Simulation.World;

/// <summary>The one source of random numbers of a run: xoshiro256**, seeded by splitmix64.</summary>
internal sealed class Chance
{
    private readonly ulong[] _state = new ulong[4];

    public Chance(ulong seed)
    {
        for (int i = 0; i < _state.Length; i++)
        {
            seed += 0x9E3779B97F4A7C15;
            ulong mixed = seed;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            _state[i] = mixed ^ (mixed >> 31);
        }
    }

    public ulong Next()
    {
        ulong[] s = _state;
        ulong result = ulong.RotateLeft(s[1] * 5, 7) * 9;
        ulong shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = ulong.RotateLeft(s[3], 45);
        return result;
    }

    /// <summary>A number from 0 to below a limit.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>A number between two others, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True in so many of a hundred cases.</summary>
    public bool Percent(double percent) => Fraction() * 100 < percent;

    public T Of<T>(params ReadOnlySpan<T> items) => items[Below(items.Length)];

    /// <summary>A time between two others, more often a short one.</summary>
    public TimeSpan Time(double leastSeconds, double mostSeconds)
        => TimeSpan.FromSeconds(leastSeconds * Math.Pow(mostSeconds / leastSeconds, Fraction()));

    public void Fill(Span<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            BitConverter.TryWriteBytes(bytes, Next());
            bytes = bytes[8..];
        }

        ulong rest = Next();
        foreach (ref byte b in bytes)
        {
            b = (byte)rest;
            rest >>= 8;
        }
    }

    /// <summary>The numbers below a limit in a random order.</summary>
    public int[] Shuffled(int count)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;
        for (int i = count - 1; i > 0; i--)
        {
            int other = Below(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }
}
