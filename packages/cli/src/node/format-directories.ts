/** The formatter of @skarab/metadata behind this package's port. */
import { systemClock, systemRandom } from '@skarab/base';
import { DiskStorage } from '@skarab/log';
import { formatDirectories as format } from '@skarab/metadata';
import type { FormatDirectories } from './running-node.ts';

/** Formats directories on this machine's disks. */
export const formatDirectories: FormatDirectories = (request, print) =>
  format({ storage: new DiskStorage(), clock: systemClock, random: systemRandom }, request, print);
