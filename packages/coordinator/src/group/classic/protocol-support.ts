/**
 * How many members of a group support each protocol, and the vote for the one they use.
 */
import { assert } from '@skarab/base';
import { inHashOrder } from '../java-string.ts';
import type { ClassicMember, MemberProtocol } from './classic-member.ts';

/** Supporters per protocol. */
export class ProtocolSupport {
  readonly #counts = new Map<string, number>();

  add(protocols: readonly MemberProtocol[]): void {
    for (const { name } of protocols) this.#counts.set(name, this.count(name) + 1);
  }

  remove(protocols: readonly MemberProtocol[]): void {
    for (const { name } of protocols) {
      const count = this.count(name) - 1;
      if (count === 0) this.#counts.delete(name);
      else this.#counts.set(name, count);
    }
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** The protocols that all of `memberCount` members support. */
  candidates(memberCount: number): Set<string> {
    const names = [...this.#counts].filter(([, count]) => count === memberCount).map(([name]) => name);
    return new Set(names);
  }
}

/** The candidate with the most votes; among equals the one that a Java hash map shows first, as a JVM coordinator would choose. */
export function selectProtocol(members: Iterable<ClassicMember>, candidates: ReadonlySet<string>): string {
  const votes = new Map<string, number>();
  for (const member of members) {
    const choice = member.vote(candidates);
    votes.set(choice, (votes.get(choice) ?? 0) + 1);
  }
  const names = inHashOrder([...votes.keys()]);
  const most = Math.max(...votes.values());
  const winner = names.find((name) => votes.get(name) === most);
  assert(winner !== undefined, 'nobody voted for a protocol');
  return winner;
}
