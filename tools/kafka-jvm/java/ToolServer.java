import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.security.Permission;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's command line tools one after the other in one JVM, because starting a JVM costs more than most tools do.
 *
 * Each line of standard input is a call: words separated by spaces, each in Base64 ("." for an empty one): what the tool reads, its main
 * class, its arguments. The answer is a line: exit code, standard output, standard error. A tool's first exit ends it: what it prints
 * while its stack unwinds is dropped, then its shutdown hooks run.
 */
public final class ToolServer {
    /** Where the tool's output goes now; Scala's Console and log4j hold on to the streams they saw first, so those never change. */
    private static final class Switch extends OutputStream {
        private volatile ByteArrayOutputStream target = new ByteArrayOutputStream();

        @Override
        public void write(int b) {
            target.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            target.write(bytes, offset, length);
        }
    }

    private static final class Ended extends Error {
        Ended() {
            super("exit", null, false, false);
        }
    }

    private static final PrintStream ANSWERS = new PrintStream(new FileOutputStream(FileDescriptor.out), true);
    private static final Switch OUT = new Switch();
    private static final Switch ERR = new Switch();
    private static final List<Runnable> HOOKS = new ArrayList<>();
    private static Thread toolThread;
    private static String answer;
    private static boolean serving = true;

    public static void main(String[] args) throws Exception {
        InputStream calls = System.in;
        System.setOut(new PrintStream(OUT, true));
        System.setErr(new PrintStream(ERR, true));
        Exit.setExitProcedure((code, message) -> exit(code));
        Exit.setHaltProcedure((code, message) -> exit(code));
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(hook));
        trapSystemExit();
        BufferedReader reader = new BufferedReader(new InputStreamReader(calls, StandardCharsets.US_ASCII));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            serve(line.split(" "));
        }
        serving = false;
        System.exit(0);
    }

    private static void serve(String[] words) throws InterruptedException {
        List<String> arguments = new ArrayList<>();
        for (int i = 2; i < words.length; i++) {
            arguments.add(new String(decode(words[i]), StandardCharsets.UTF_8));
        }
        String mainClass = new String(decode(words[1]), StandardCharsets.UTF_8);
        System.setIn(new ByteArrayInputStream(decode(words[0])));
        OUT.target = new ByteArrayOutputStream();
        ERR.target = new ByteArrayOutputStream();
        answer = null;
        HOOKS.clear();
        toolThread = new Thread(() -> call(mainClass, arguments.toArray(new String[0])), "main");
        toolThread.start();
        toolThread.join();
        List.copyOf(HOOKS).forEach(Runnable::run);
        ANSWERS.println(answer);
    }

    private static void call(String mainClass, String[] arguments) {
        try {
            Class.forName(mainClass).getMethod("main", String[].class).invoke(null, (Object) arguments);
            finish(0);
        } catch (InvocationTargetException e) {
            if (answer == null) {
                System.err.print("Exception in thread \"main\" ");
                e.getCause().printStackTrace();
                finish(1);
            }
        } catch (Throwable e) {
            e.printStackTrace();
            finish(1);
        }
    }

    private static void exit(int code) {
        finish(code);
        throw new Ended();
    }

    private static synchronized void finish(int code) {
        if (answer == null) {
            answer = code + " " + encode(OUT.target.toByteArray()) + " " + encode(ERR.target.toByteArray());
        }
    }

    /** A few tools call System.exit; the only door to stop that is deprecated, and enough for the JVMs that Kafka 4.3 runs on by default. */
    @SuppressWarnings("removal")
    private static void trapSystemExit() {
        try {
            System.setSecurityManager(new SecurityManager() {
                @Override
                public void checkPermission(Permission permission) {
                    if (serving && permission.getName().startsWith("exitVM.") && Thread.currentThread() == toolThread) {
                        exit(Integer.parseInt(permission.getName().substring("exitVM.".length())));
                    }
                }

                @Override
                public void checkPermission(Permission permission, Object context) {
                    checkPermission(permission);
                }
            });
        } catch (UnsupportedOperationException newerJvm) {
            // Such a tool then ends this process, and the caller sees that.
        }
    }

    private static byte[] decode(String word) {
        return word.equals(".") ? new byte[0] : Base64.getDecoder().decode(word);
    }

    private static String encode(byte[] bytes) {
        return bytes.length == 0 ? "." : Base64.getEncoder().encodeToString(bytes);
    }
}
