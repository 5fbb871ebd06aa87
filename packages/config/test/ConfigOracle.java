import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import kafka.server.ConfigHelper;
import kafka.server.ControllerConfigurationValidator;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.metadata.ConfigRepository;
import org.apache.kafka.metadata.MetadataCache;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.QuotaConfig;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Does with configurations what a JSON list of cases on standard input says, by the JVM's own classes, and prints a JSON list of outcomes.
 * Each outcome is {"ok": …} or {"error": text, "code": number}, as a controller or broker would answer.
 */
public final class ConfigOracle {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err);
        List<Object> outcomes = new ArrayList<>();
        for (JsonNode one : JSON.readTree(System.in)) outcomes.add(outcome(one));
        out.write(JSON.writeValueAsBytes(outcomes));
        out.flush();
    }

    private static Map<String, Object> outcome(JsonNode one) {
        Map<String, Object> result = new LinkedHashMap<>();
        try {
            result.put("ok", run(one));
        } catch (Throwable thrown) {
            Throwable error = thrown instanceof InvocationTargetException ? thrown.getCause() : thrown;
            result.put("error", error.getMessage());
            result.put("code", error instanceof ConfigException ? Errors.INVALID_CONFIG.code() : Errors.forException(error).code());
        }
        return result;
    }

    private static Object run(JsonNode one) throws Exception {
        switch (one.get("op").asText()) {
            case "value": return value(one);
            case "start": return start(broker(one));
            case "alter": return alter(one);
            case "dynamic": return dynamic(one);
            case "describe": return describe(one);
            case "properties": return properties(one.get("text").asText());
            default: throw new IllegalStateException("unknown op");
        }
    }

    private static Object value(JsonNode one) throws Exception {
        ConfigDef def = definition(one.get("of").asText());
        ConfigDef.ConfigKey key = def.configKeys().get(one.get("name").asText());
        Method parse = ConfigDef.class.getDeclaredMethod("parseValue", ConfigDef.ConfigKey.class, Object.class, boolean.class);
        parse.setAccessible(true);
        Object value = parse.invoke(def, key, one.get("text").asText(), true);
        if (key.type == ConfigDef.Type.PASSWORD) return one.get("text").asText().trim();
        return ConfigDef.convertToString(value, key.type);
    }

    private static ConfigDef definition(String of) {
        switch (of) {
            case "topic": return LogConfig.configDefCopy();
            case "broker": return AbstractKafkaConfig.CONFIG_DEF;
            case "broker-quota": return QuotaConfig.brokerQuotaConfigs();
            case "group": return GroupConfig.CONFIG_DEF;
            default: return ClientMetricsConfigs.configDef();
        }
    }

    private static KafkaConfig broker(JsonNode one) {
        return KafkaConfig.fromProps(map(one.get("broker")), false);
    }

    private static Object start(KafkaConfig config) {
        Map<String, Object> derived = new LinkedHashMap<>();
        derived.put("listeners", endpoints(config.listeners()));
        derived.put("advertisedBroker", endpoints(config.effectiveAdvertisedBrokerListeners()));
        derived.put("advertisedController", endpoints(config.effectiveAdvertisedControllerListeners()));
        derived.put("interBroker", config.interBrokerListenerName().value() + " " + config.interBrokerSecurityProtocol());
        derived.put("logDirs", config.logDirs());
        derived.put("metadataLogDir", config.metadataLogDir());
        derived.put("logRetentionTimeMs", config.logRetentionTimeMillis());
        derived.put("logRollTimeMs", config.logRollTimeMillis());
        derived.put("logFlushIntervalMs", config.logFlushIntervalMs());
        return derived;
    }

    private static List<String> endpoints(scala.collection.Seq<Endpoint> endpoints) {
        List<String> out = new ArrayList<>();
        for (Endpoint one : CollectionConverters.asJava(endpoints))
            out.add(one.listener() + " " + one.securityProtocol() + " " + one.host() + " " + one.port());
        return out;
    }

    private static Object alter(JsonNode one) {
        ConfigResource resource = resource(one);
        Map<String, String> configs = strings(one.get("configs"));
        new ControllerConfigurationValidator(broker(one)).validate(resource, configs, strings(one.get("existing")));
        return null;
    }

    private static ConfigResource resource(JsonNode one) {
        return new ConfigResource(ConfigResource.Type.forId((byte) one.get("type").asInt()), one.get("name").asText());
    }

    private static KafkaConfig layered(JsonNode one) {
        KafkaConfig config = broker(one);
        config.dynamicConfig().initialize(scala.Option.empty());
        config.dynamicConfig().updateDefaultConfig(map(one.get("clusterConfigs")), false);
        config.dynamicConfig().updateBrokerConfig(config.brokerId(), map(one.get("brokerConfigs")), false);
        return config;
    }

    private static Object dynamic(JsonNode one) {
        KafkaConfig config = layered(one);
        config.dynamicConfig().validate(map(one.get("configs")), one.get("perBroker").asBoolean());
        return null;
    }

    private static Object describe(JsonNode one) {
        ConfigResource resource = resource(one);
        Properties configs = map(one.get("configs"));
        MetadataCache cache = (MetadataCache) Proxy.newProxyInstance(ConfigOracle.class.getClassLoader(),
            new Class<?>[] {MetadataCache.class}, (proxy, method, arguments) -> method.getName().equals("contains"));
        ConfigRepository repository = asked -> configs;
        DescribeConfigsResource request = new DescribeConfigsResource().setResourceType(resource.type().id()).setResourceName(resource.name()).setConfigurationKeys(null);
        scala.collection.immutable.List<DescribeConfigsResource> requests = CollectionConverters.asScala(List.of(request)).toList();
        DescribeConfigsResult result = new ConfigHelper(cache, layered(one), repository).describeConfigs(requests, true, false).head();
        if (result.errorCode() != 0) throw Errors.forCode(result.errorCode()).exception(result.errorMessage());
        List<Object> entries = new ArrayList<>();
        for (DescribeConfigsResourceResult entry : result.configs()) entries.add(entry(entry));
        return entries;
    }

    private static Map<String, Object> entry(DescribeConfigsResourceResult from) {
        List<Object> synonyms = new ArrayList<>();
        for (DescribeConfigsSynonym synonym : from.synonyms()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", synonym.name());
            one.put("value", synonym.value());
            one.put("source", synonym.source());
            synonyms.add(one);
        }
        Map<String, Object> to = new LinkedHashMap<>();
        to.put("name", from.name());
        to.put("value", from.value());
        to.put("readOnly", from.readOnly());
        to.put("configSource", from.configSource());
        to.put("isSensitive", from.isSensitive());
        to.put("synonyms", synonyms);
        to.put("configType", from.configType());
        to.put("documentation", from.documentation());
        return to;
    }

    private static Object properties(String text) throws Exception {
        Properties read = new Properties();
        read.load(new StringReader(text));
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        read.store(written, null);
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("read", new java.util.TreeMap<>(read));
        out.put("written", written.toString(StandardCharsets.ISO_8859_1));
        return out;
    }

    private static Properties map(JsonNode node) {
        Properties out = new Properties();
        out.putAll(strings(node));
        return out;
    }

    /** Null values stay null, as a request may hold them. */
    private static Map<String, String> strings(JsonNode node) {
        Map<String, String> out = new LinkedHashMap<>();
        Optional.ofNullable(node).ifPresent(some -> some.fields().forEachRemaining(
            field -> out.put(field.getKey(), field.getValue().isNull() ? null : field.getValue().asText())));
        return out;
    }
}
