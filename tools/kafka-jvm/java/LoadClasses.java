import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Loads (without initializing) every class of the given jars, so that the JVM can archive them for quick starts. */
public final class LoadClasses {
    public static void main(String[] jars) throws Exception {
        for (String path : jars) {
            try (JarFile jar = new JarFile(path)) {
                jar.stream().map(JarEntry::getName).filter(LoadClasses::isPlainClass).forEach(LoadClasses::load);
            }
        }
        System.exit(0);
    }

    private static boolean isPlainClass(String entry) {
        return entry.endsWith(".class") && !entry.startsWith("META-INF/") && !entry.endsWith("-info.class");
    }

    private static void load(String entry) {
        String name = entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
        try {
            Class.forName(name, false, LoadClasses.class.getClassLoader());
        } catch (Throwable absent) {
            // A class whose optional dependency is absent cannot be archived; nothing is lost.
        }
    }
}
