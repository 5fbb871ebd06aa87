/**
 * Counts what passes a listener.
 */
import type { NetworkProbe } from '@skarab/network';
import type { MetricsRegistry } from '@skarab/telemetry';

/** The probe of one listener. */
export function networkProbe(metrics: MetricsRegistry, listener: string): NetworkProbe {
  const labels = { listener };
  const accepted = metrics.counter('kafka_network_connections_accepted_total', 'Connections accepted.', labels);
  const refused = metrics.counter(
    'kafka_network_connections_refused_total',
    'Connections refused for their number.',
    labels,
  );
  const bytesIn = metrics.counter('kafka_network_bytes_in_total', 'Bytes received.', labels);
  const bytesOut = metrics.counter('kafka_network_bytes_out_total', 'Bytes sent.', labels);
  let open = 0;
  metrics.gauge('kafka_network_connections', 'Connections open (connection-count).', () => open, labels);
  return {
    onAccepted: () => {
      open++;
      accepted.add();
    },
    onRefused: () => refused.add(),
    onClosed: () => {
      open--;
    },
    onBytesIn: (bytes) => bytesIn.add(bytes),
    onBytesOut: (bytes) => bytesOut.add(bytes),
  };
}
