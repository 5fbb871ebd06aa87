import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.QuotaConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Prints, as JSON, what the JVM's Kafka knows of its configurations: every definition with type, default, validator, importance, synonyms
 * and update mode. The generator of packages/config reads it; documentation texts are left out.
 */
public final class DumpConfigs {
    public static void main(String[] args) throws Exception {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("topic", definitions(LogConfig.configDefCopy()));
        out.put("broker", definitions(AbstractKafkaConfig.CONFIG_DEF));
        out.put("brokerQuota", definitions(QuotaConfig.brokerQuotaConfigs()));
        out.put("group", definitions(GroupConfig.CONFIG_DEF));
        out.put("clientMetrics", definitions(ClientMetricsConfigs.configDef()));
        out.put("clientQuota", definitions(QuotaConfig.userAndClientQuotaConfigs()));
        out.put("ipQuota", definitions(QuotaConfig.ipConfigs()));
        out.put("topicSynonyms", topicSynonyms());
        out.put("groupSynonyms", groupSynonyms());
        out.put("brokerSynonyms", brokerSynonyms());
        out.put("updateModes", new TreeMap<>(DynamicBrokerConfig.dynamicConfigUpdateModes()));
        out.put("dynamicSecurityConfigs", new TreeSet<>(DynamicBrokerConfig.DYNAMIC_SECURITY_CONFIGS));
        out.put("perBrokerConfigs", new TreeSet<>((Set<?>) constant(DynamicBrokerConfig.class, "PER_BROKER_CONFIGS")));
        out.put("clusterLevelListenerConfigs", new TreeSet<>((Set<?>) constant(DynamicBrokerConfig.class, "CLUSTER_LEVEL_LISTENER_CONFIGS")));
        out.put("listenerMechanismConfigs", new TreeSet<>((Set<?>) constant(DynamicBrokerConfig.class, "LISTENER_MECHANISM_CONFIGS")));
        new PrintStream(System.out, true, StandardCharsets.UTF_8).println(json(out));
    }

    private static List<Object> definitions(ConfigDef def) throws Exception {
        List<Object> entries = new ArrayList<>();
        for (ConfigKey key : def.configKeys().values()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", key.name);
            entry.put("type", key.type.name());
            entry.put("hasDefault", key.hasDefault());
            entry.put("default", key.hasDefault() ? ConfigDef.convertToString(key.defaultValue, key.type) : null);
            entry.put("validator", validator(key.validator));
            entry.put("importance", key.importance.name());
            entry.put("internal", key.internalConfig);
            entries.add(entry);
        }
        return entries;
    }

    /** A validator as its class, its printed form and the fields that decide. */
    private static Map<String, Object> validator(Object validator) throws Exception {
        if (validator == null) return null;
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("class", validator.getClass().getName());
        out.put("text", validator.toString());
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Field field : validator.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.isSynthetic()) continue;
            field.setAccessible(true);
            Object value = field.get(validator);
            if (value instanceof Collection<?> many) {
                List<Object> list = new ArrayList<>();
                for (Object one : many) list.add(one instanceof ConfigDef.Validator ? validator(one) : String.valueOf(one));
                value = list;
            } else if (value instanceof ConfigDef.Validator one) {
                value = validator(one);
            } else if (!(value instanceof Number) && !(value instanceof Boolean)) {
                value = value == null ? null : value.getClass().getSimpleName().contains("Lambda") ? "lambda" : String.valueOf(value);
            }
            fields.put(field.getName(), value);
        }
        out.put("fields", fields);
        return out;
    }

    private static Map<String, Object> topicSynonyms() {
        Map<String, Object> out = new TreeMap<>();
        ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.forEach((topic, synonyms) -> {
            List<Object> list = new ArrayList<>();
            for (ConfigSynonym synonym : synonyms) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("name", synonym.name());
                one.put("ofOne", synonym.converter().apply("1"));
                list.add(one);
            }
            out.put(topic, list);
        });
        return out;
    }

    private static Map<String, Object> groupSynonyms() {
        Map<String, Object> out = new TreeMap<>();
        GroupConfig.ALL_GROUP_CONFIG_SYNONYMS.forEach((group, broker) -> out.put(group, broker.orElse(null)));
        return out;
    }

    private static Map<String, Object> brokerSynonyms() {
        Map<String, Object> out = new TreeMap<>();
        for (String name : AbstractKafkaConfig.CONFIG_DEF.names()) {
            List<String> names = DynamicBrokerConfig.brokerConfigSynonyms(name, true);
            if (names.size() > 1) out.put(name, names);
        }
        return out;
    }

    private static Object constant(Class<?> owner, String name) throws Exception {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(null);
    }

    private static String json(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            String separator = "{";
            if (map.isEmpty()) out.append('{');
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(separator).append(quote(String.valueOf(entry.getKey()))).append(':');
                write(entry.getValue(), out);
                separator = ",";
            }
            out.append('}');
        } else if (value instanceof Collection<?> many) {
            String separator = "[";
            if (many.isEmpty()) out.append('[');
            for (Object one : many) {
                out.append(separator);
                write(one, out);
                separator = ",";
            }
            out.append(']');
        } else if (value == null || value instanceof Boolean) {
            out.append(value);
        } else {
            out.append(quote(String.valueOf(value)));
        }
    }

    private static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < ' ') out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }
}
