import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;

/** Prints the error table of the protocol: code, name, whether a retry may help, whether metadata must be refreshed first. */
public final class PrintErrors {
    public static void main(String[] args) {
        for (Errors error : Errors.values()) {
            boolean retriable = error.exception() instanceof RetriableException;
            boolean staleMetadata = error.exception() instanceof InvalidMetadataException;
            System.out.println(error.code() + "\t" + error.name() + "\t" + retriable + "\t" + staleMetadata);
        }
    }
}
