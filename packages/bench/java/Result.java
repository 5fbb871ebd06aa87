import java.util.Locale;

/** Named numbers, written as one line of JSON; what is not a number is left out. */
final class Result {
    private final StringBuilder out = new StringBuilder();

    Result put(String name, double value) {
        if (Double.isNaN(value)) return this;
        boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
        return raw(name, whole ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.6f", value));
    }

    /** Puts the quantiles of latencies under names that begin with the prefix. */
    Result put(String prefix, Latencies latencies) {
        String p = prefix.isEmpty() ? "p" : prefix + "P";
        put(p + "50Ms", latencies.millisAt(0.5));
        put(p + "99Ms", latencies.millisAt(0.99));
        put(p + "999Ms", latencies.millisAt(0.999));
        return put(prefix.isEmpty() ? "maxMs" : prefix + "MaxMs", latencies.millisAt(1));
    }

    private Result raw(String name, String text) {
        out.append(out.length() == 0 ? "" : ",").append('"').append(name).append("\":").append(text);
        return this;
    }

    String json() {
        return "{" + out + "}";
    }
}
