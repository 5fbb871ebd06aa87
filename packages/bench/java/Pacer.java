import java.util.concurrent.locks.LockSupport;

/** An open loop's timetable: event i is due at start + i / rate, whatever happens to the events before it. */
final class Pacer {
    private static final long LEAD_NANOS = 20_000_000L;
    private final long start = System.nanoTime() + LEAD_NANOS;
    private final double interval;

    Pacer(double perSecond) {
        interval = 1e9 / perSecond;
    }

    /** Sleeps until event i is due and returns that time; a time that has passed is not waited for. */
    long await(long i) {
        long due = start + (long) (i * interval);
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) LockSupport.parkNanos(left);
        return due;
    }
}
