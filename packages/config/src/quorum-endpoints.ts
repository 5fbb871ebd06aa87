/**
 * The entries of controller.quorum.voters and controller.quorum.bootstrap.servers.
 *
 * Source: QuorumConfig.
 */
import { ConfigError } from '@skarab/base';
import { type HostPort, parseHostPort } from './host-port.ts';
import { parseInteger } from './java-text.ts';

const voters = 'controller.quorum.voters';
const servers = 'controller.quorum.bootstrap.servers';
const nonRoutableHost = '0.0.0.0';

/** A voter of a static quorum. */
export interface QuorumVoter extends HostPort {
  readonly id: number;
}

/**
 * Voters by their id, in the order given. Entries are `{id}@{host}:{port}`; `routable` refuses 0.0.0.0.
 *
 * Errors: ConfigError.
 */
export function parseQuorumVoters(entries: readonly string[], routable: boolean): Map<number, QuorumVoter> {
  const found = new Map<number, QuorumVoter>();
  for (const entry of entries) {
    const voter = parseQuorumVoter(entry);
    if (routable && voter.host === nonRoutableHost)
      throw failure(voters, `Host string (${voter.host}) is not routeable`);
    found.set(voter.id, voter);
  }
  return found;
}

/** Bootstrap controllers; entries are `{host}:{port}`. Errors: ConfigError. */
export function parseQuorumBootstrapServers(entries: readonly string[]): HostPort[] {
  return entries.map((entry) => {
    const address = parseHostPort(entry);
    if (address === undefined) {
      const form = 'Each entry should be in the form "{host}:{port}"';
      throw failure(servers, `Failed to parse host name from ${entry} for the configuration ${servers}. ${form}`);
    }
    return boundedPort(servers, address);
  });
}

function parseQuorumVoter(entry: string): QuorumVoter {
  const form = 'Each entry should be in the form `{id}@{host}:{port}`.';
  // Java's split drops empty strings at the end, so "1@" has one part.
  const parts = entry.replace(/@+$/, '').split('@');
  const [idText = '', addressText = ''] = parts;
  if (parts.length !== 2) throw failure(voters, `Invalid configuration value for ${voters}. ${form}`);
  const id = parseInteger(idText, 32);
  if (id === undefined) throw failure(voters, `Failed to parse voter ID as an integer from ${idText}`);
  const address = parseHostPort(addressText);
  if (address === undefined) {
    throw failure(voters, `Failed to parse host name from entry ${entry} for the configuration ${voters}. ${form}`);
  }
  return { id: Number(id), ...boundedPort(voters, address) };
}

/** The JVM refuses such ports with the texts of Integer.parseInt and InetSocketAddress. */
function boundedPort(option: string, address: HostPort): HostPort {
  const { port } = address;
  if (port > 0x7fff_ffff) throw failure(option, `For input string: "${port}"`);
  if (port > 0xffff) throw failure(option, `port out of range:${port}`);
  return address;
}

function failure(option: string, text: string): ConfigError {
  return new ConfigError(option, null, '', text);
}
