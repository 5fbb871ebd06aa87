import java.util.Arrays;

/** Latencies in nanoseconds, every sample kept; quantiles by nearest rank. */
final class Latencies {
    private long[] values = new long[1 << 16];
    private int count;

    synchronized void add(long nanos) {
        if (count == values.length) values = Arrays.copyOf(values, count * 2);
        values[count++] = nanos;
    }

    synchronized double millisAt(double quantile) {
        if (count == 0) return Double.NaN;
        Arrays.sort(values, 0, count);
        int rank = (int) Math.ceil(quantile * count);
        return values[Math.min(Math.max(rank, 1), count) - 1] / 1e6;
    }
}
