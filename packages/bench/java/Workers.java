import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Threads that are waited for together; the first failure of any is thrown when they are. */
final class Workers {
    interface Work {
        void run() throws Exception;
    }

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    void start(String name, Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        }, name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    boolean failed() {
        return failure.get() != null;
    }

    void join() throws Exception {
        for (Thread thread : threads) thread.join();
        Throwable first = failure.get();
        if (first != null) throw first instanceof Exception e ? e : new Exception(first);
    }
}
