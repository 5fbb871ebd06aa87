/**
 * Repeats on the JVM's group coordinator what was done to test hosts, and compares what came of it, input by input.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { KafkaJvm } from '../../../../tools/kafka-jvm/jvm.ts';
import type { GroupRequestKind } from '../../src/index.ts';
import type { GroupHost } from '../group-host.ts';
import { commandOf } from './commands.ts';
import { eventsOf, eventsOfOracle } from './events.ts';

/** A host with a name for messages. */
export interface NamedHost {
  readonly name: string;
  readonly host: GroupHost;
}

/** Fails at the first input whose records or responses differ. Returns how many inputs were compared. */
export async function compareWithJvm(jvm: KafkaJvm, hosts: readonly NamedHost[]): Promise<number> {
  const commands = hosts.flatMap(({ host }) => host.steps.map(({ input }) => commandOf(input, host)));
  const classes = await jvm.compile(join(import.meta.dirname, '..', 'java', 'GroupCoordinatorOracle.java'));
  const { code, stdout, stderr } = await jvm.runClass('org.apache.kafka.coordinator.group.GroupCoordinatorOracle', [], {
    classes,
    input: `${commands.join('\n')}\n`,
    timeoutMs: 120_000,
  });
  assert.equal(code, 0, stderr);
  const answers = answersOf(stdout);
  let index = 0;
  for (const { name, host } of hosts) {
    const kinds = new Map<number, GroupRequestKind>();
    const answered = tokensOf(answers.slice(index, index + host.steps.length));
    for (const [step, { input, effects }] of host.steps.entries()) {
      if (input.type === 'request') kinds.set(input.token, input.kind);
      const lines = answers[index] ?? ['no answer'];
      const context = `${name}, step ${step}: ${commands[index]!.slice(0, 200)}`;
      assert.deepEqual(
        eventsOf(effects, answered),
        eventsOfOracle(lines, (token) => kinds.get(token)!),
        context,
      );
      index++;
    }
  }
  return index;
}

/** The lines before each dot. */
function answersOf(output: string): string[][] {
  const answers: string[][] = [];
  let lines: string[] = [];
  for (const line of output.split('\n')) {
    if (line !== '.') lines.push(line);
    else {
      answers.push(lines);
      lines = [];
    }
  }
  return answers;
}

function tokensOf(answers: readonly (readonly string[])[]): Set<number> {
  const responses = answers.flat().filter((line) => line.startsWith('respond '));
  return new Set(responses.map((line) => Number(line.split(' ')[1])));
}
