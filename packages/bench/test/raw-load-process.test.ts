/** The null broker and the raw load generator as the benchmark runs them: as processes, for half a second. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LineProcess } from '../src/process/line-process.ts';
import type { Run } from '../src/report/report.ts';
import { Fleet } from '../src/runner/fleet.ts';
import { runLife } from '../src/runner/run-life.ts';
import { runLoad } from '../src/runner/run-load.ts';
import { scenarios, selectScenarios } from '../src/scenarios/catalogue.ts';
import type { Effort } from '../src/scenarios/scenario.ts';
import { nullSystem } from '../src/systems/catalogue.ts';
import { rawLoadProgram } from '../src/systems/repository.ts';

const effort: Effort = {
  seconds: 0.2,
  warmupSeconds: 0.1,
  warmups: 1,
  rounds: 2,
  lifeRounds: 2,
  fillBytes: 2_000_000,
  pauseMs: 1,
  freshServers: false,
};

async function setUp(t: TestContext): Promise<{ fleet: Fleet; raw: LineProcess; workFolder: string }> {
  const workFolder = mkdtempSync(join(tmpdir(), 'bench-test-'));
  const fleet = new Fleet(workFolder);
  const raw = await LineProcess.start('raw load', { program: process.execPath, args: [rawLoadProgram] });
  t.after(async () => {
    await raw.close();
    await fleet.discardAll();
    rmSync(workFolder, { recursive: true });
  });
  return { fleet, raw, workFolder };
}

test('raw loads on the null broker give figures', async (t) => {
  const { fleet, raw } = await setUp(t);
  const runs: Run[] = [];
  for (const scenario of selectScenarios(scenarios, ['raw-produce-64k-4conn', 'raw-fetch-16k-1conn'], true)) {
    if (scenario.kind !== 'load') throw new Error('not a load');
    const context = { fleet, loads: { raw, driver: raw }, effort, onRun: (run: Run) => void runs.push(run) };
    await runLoad(scenario, [nullSystem], context);
  }
  assert.deepEqual(
    runs.map(({ scenario, system, warmth, round, error }) => [scenario, system, warmth, round, error]),
    ['raw-produce-64k-4conn', 'raw-fetch-16k-1conn'].flatMap((name) =>
      [1, 2].map((round) => [name, 'null', 'warm', round, undefined]),
    ),
  );
  for (const { measurement } of runs) {
    assert.ok((measurement.requests ?? 0) > 0 && (measurement.mbPerSecond ?? 0) > 0);
    assert.ok((measurement.p50Ms ?? 0) > 0 && (measurement.p99Ms ?? 0) >= (measurement.p50Ms ?? 0));
  }
});

test('a load process tells its mistakes and goes on', async (t) => {
  const { raw } = await setUp(t);
  await assert.rejects(raw.ask('raw-produce', { topic: 'x' }, 5000), /missing option bootstrap/);
  await assert.rejects(raw.ask('dance', {}, 5000), /no load named dance/);
  await raw.close();
  await assert.rejects(raw.ask('raw-produce', {}, 5000), /raw load ended/);
});

test('a server that fails is a failed run, not the end', async (t) => {
  const { fleet, raw, workFolder } = await setUp(t);
  const broken = { ...nullSystem, startCommand: () => ({ program: process.execPath, args: ['-e', 'throw "no"'] }) };
  const runs: Run[] = [];
  const onRun = (run: Run): void => void runs.push(run);
  const [load] = selectScenarios(scenarios, ['raw-produce-64k-4conn'], true);
  const [life] = selectScenarios(scenarios, ['cold-start'], true);
  if (load?.kind !== 'load' || life?.kind !== 'life') throw new Error('not these');
  await runLoad(load, [broken], { fleet, loads: { raw, driver: raw }, effort, onRun });
  await runLife(life, [broken, nullSystem], { workFolder, loads: { raw, driver: raw }, effort }, onRun);
  assert.deepEqual(
    runs.map(({ scenario, error }) => [scenario, error?.split('\n')[0]]),
    [
      ['raw-produce-64k-4conn', 'null ended at its start:'],
      ['cold-start', 'null ended at its start:'],
      ['cold-start', undefined],
      ['cold-start', undefined],
    ],
  );
});
