/**
 * The systems by name: ours, the JVM's Kafka with the heap of its start script and with a small one, and the null broker.
 */
import type { JvmInstallation } from './jvm-installation.ts';
import type { NodeFiles } from './node-files.ts';
import { nullBrokerProgram, skarabScripts } from './repository.ts';
import { CLUSTER_ID, type SystemUnderTest } from './system.ts';

export const systemNames = ['skarab', 'jvm', 'jvm-256m', 'null'] as const;

export type SystemName = (typeof systemNames)[number];

const formatArgs = ({ propertiesFile, formatOptions }: NodeFiles): string[] => [
  'format',
  '-c',
  propertiesFile,
  '-t',
  CLUSTER_ID,
  ...formatOptions,
];

/** Started by the scripts that take the place of Kafka's, as users do. */
const skarab: SystemUnderTest = {
  name: 'skarab',
  storesRecords: true,
  formatCommand: (files) => ({ program: skarabScripts.storage, args: formatArgs(files) }),
  startCommand: ({ propertiesFile }) => ({ program: skarabScripts.serverStart, args: [propertiesFile] }),
};

const jvm = (name: SystemName, heap: string, installation: JvmInstallation): SystemUnderTest => ({
  name,
  storesRecords: true,
  formatCommand: (files) => installation.tool('kafka.tools.StorageTool', formatArgs(files)),
  startCommand: ({ propertiesFile }) => installation.server('kafka.Kafka', heap, [propertiesFile]),
});

/** The null broker, also used to warm clients up. */
export const nullSystem: SystemUnderTest = {
  name: 'null',
  storesRecords: false,
  formatCommand: () => undefined,
  startCommand: ({ address }) => ({ program: process.execPath, args: [nullBrokerProgram, String(address.port)] }),
};

/** The system of a name. */
export function systemOf(name: SystemName, installation: JvmInstallation): SystemUnderTest {
  switch (name) {
    case 'skarab':
      return skarab;
    case 'jvm':
      return jvm(name, '1g', installation);
    case 'jvm-256m':
      return jvm(name, '256m', installation);
    case 'null':
      return nullSystem;
  }
}
