import org.apache.kafka.common.protocol.ApiKeys;

/** Prints what the schemas do not say of an API: key, name, whether it needs ClusterAction, whether brokers forward it to the controller. */
public final class PrintApis {
    public static void main(String[] args) {
        for (ApiKeys api : ApiKeys.values()) {
            System.out.println(api.id + "\t" + api.name() + "\t" + api.clusterAction + "\t" + api.forwardable);
        }
    }
}
