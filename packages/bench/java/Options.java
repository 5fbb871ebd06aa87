import java.util.HashMap;
import java.util.Map;

/** The options of a load, {@code key=value key=value}; a missing one has the default of whoever asks. */
record Options(Map<String, String> values) {
    static Options parse(String text) {
        Map<String, String> values = new HashMap<>();
        for (String word : text.trim().split("\\s+")) {
            if (word.isEmpty()) continue;
            int eq = word.indexOf('=');
            if (eq < 1) throw new IllegalArgumentException("not key=value: " + word);
            values.put(word.substring(0, eq), word.substring(eq + 1));
        }
        return new Options(values);
    }

    String text(String key, String fallback) {
        return values.getOrDefault(key, fallback);
    }

    String required(String key) {
        String value = values.get(key);
        if (value == null) throw new IllegalArgumentException("missing option " + key);
        return value;
    }

    int number(String key, int fallback) {
        String value = values.get(key);
        return value == null ? fallback : Integer.parseInt(value);
    }

    long big(String key, long fallback) {
        String value = values.get(key);
        return value == null ? fallback : Long.parseLong(value);
    }

    double decimal(String key, double fallback) {
        String value = values.get(key);
        return value == null ? fallback : Double.parseDouble(value);
    }

    String topic() {
        return required("topic");
    }

    int partitions() {
        return number("partitions", 12);
    }

    int size() {
        return number("size", 1024);
    }
}
