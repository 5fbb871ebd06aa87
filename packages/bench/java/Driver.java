import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.concurrent.ExecutionException;

/**
 * The load driver of the benchmark: one warm JVM over the official clients, so that no JVM start is in any figure.
 *
 * <p>Reads one load per line, {@code name key=value key=value ...}; writes {@code BEGIN} and {@code END} around what is measured, then
 * {@code RESULT {json}} or {@code ERROR text}. Topics are made by whoever asks. Each load is a class of its own beside this one.
 */
public final class Driver {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        say("READY");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                int space = line.indexOf(' ');
                String name = space < 0 ? line : line.substring(0, space);
                say("RESULT " + run(name, Options.parse(space < 0 ? "" : line.substring(space + 1))).json());
            } catch (Throwable e) {
                Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
                say("ERROR " + String.valueOf(cause).replaceAll("\\s+", " "));
            }
        }
    }

    private static Result run(String name, Options options) throws Exception {
        switch (name) {
            case "produce": return new ProduceLoad(options).run();
            case "consume": return new ConsumeLoad(options).run();
            case "tail": return new TailLoad(options).run();
            case "open-loop": return new OpenLoop(options).run();
            case "closed-loop": return new ClosedLoop(options).run();
            default: throw new IllegalArgumentException("no load named " + name);
        }
    }

    /** What is measured begins here: clients are connected and know their topic. */
    static void begin() {
        say("BEGIN");
    }

    /** What is measured ends here. */
    static void end() {
        say("END");
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
