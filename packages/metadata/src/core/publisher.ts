/**
 * Whoever wants to know about changes of metadata.
 *
 * Source: org.apache.kafka.image.publisher.MetadataPublisher.
 */
import type { MetadataDelta } from './delta/metadata-delta.ts';
import type { MetadataImage } from './image/metadata-image.ts';

/** Where an update comes from. */
export interface LoaderManifest {
  /** `snapshot` for the first update a publisher gets, whose delta holds everything, and whenever a snapshot was loaded. */
  readonly kind: 'log' | 'snapshot';
  /** Log bytes behind the update; 0 for snapshots. */
  readonly sizeInBytes: number;
}

/** Who leads the quorum, as far as this node knows. */
export interface LeaderAndEpoch {
  /** Null while there is none. */
  readonly leaderId: number | null;
  readonly epoch: number;
}

/**
 * Receives committed metadata in order, each update once. Called synchronously, one publisher after the other in the order of their
 * installation; must not throw.
 */
export interface MetadataPublisher {
  readonly name: string;
  /** `delta.image` is what came before, `image` what is now. */
  onMetadataUpdate?(delta: MetadataDelta, image: MetadataImage, manifest: LoaderManifest): void;
  onControllerChange?(leader: LeaderAndEpoch): void;
}
