/**
 * `npm run bench`: runs scenarios on systems by turns; progress on stderr, tables on stdout, everything in a JSON file.
 *
 * The file is written after every scenario, so a run that is broken off leaves what it had. Exit code 1 when a run failed.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type BenchOptions, parseOptions, usage } from './options.ts';
import { now } from './process/time.ts';
import { type Report, type Run, reportAsJson, type ScenarioInfo } from './report/report.ts';
import { renderOverview, renderScenario } from './report/table.ts';
import { Fleet } from './runner/fleet.ts';
import { type RunningLoads, startLoads, warmUp } from './runner/load-processes.ts';
import { describeMachine } from './runner/machine.ts';
import { Progress } from './runner/progress.ts';
import { runLife } from './runner/run-life.ts';
import { runLoad } from './runner/run-load.ts';
import { scenarios, selectScenarios } from './scenarios/catalogue.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { systemOf } from './systems/catalogue.ts';
import { JvmInstallation } from './systems/jvm-installation.ts';
import { describeSkarab } from './systems/repository.ts';
import type { SystemUnderTest } from './systems/system.ts';

const QUICK_NOTE =
  'A quick run: servers are hardly warm, which hurts the JVM more than us. Quote figures of a full run only.';

const print = (lines: readonly string[]): void => void process.stdout.write(lines.map((line) => `${line}\n`).join(''));

/** A benchmark under way. */
class Bench {
  readonly #options: BenchOptions;
  readonly #progress: Progress;
  readonly #workFolder: string;
  readonly #fleet: Fleet;
  readonly #runs: Run[] = [];
  readonly #done: ScenarioInfo[] = [];
  readonly #startedAt = new Date();
  readonly #start = now();

  constructor(options: BenchOptions, progress: Progress) {
    this.#options = options;
    this.#progress = progress;
    this.#workFolder = mkdtempSync(join(resolve(options.workFolder), 'skarab-bench-'));
    this.#fleet = new Fleet(this.#workFolder);
    process.once('exit', () => rmSync(this.#workFolder, { recursive: true, force: true, maxRetries: 3 }));
  }

  /** Runs everything; resolves with whether no run failed. */
  async run(selected: readonly Scenario[]): Promise<boolean> {
    this.#progress.say(`skarab is ${describeSkarab()}`);
    this.#progress.say('preparing: JVM Kafka, the Java driver, the raw load generator');
    const installation = await JvmInstallation.open();
    const systems = this.#options.systems.map((name) => systemOf(name, installation));
    const loads = await startLoads(installation);
    try {
      await warmUp(loads, this.#workFolder, this.#options.isQuick ? 1 : 5);
      for (const [index, scenario] of selected.entries()) {
        this.#progress.say(`${scenario.name} (${index + 1} of ${selected.length}): ${scenario.about}`);
        await this.#runScenario(scenario, systems, loads);
        this.#done.push(scenario);
        this.#save();
        print(renderScenario(scenario, this.#options.systems, this.#runs));
      }
      print(renderOverview(this.#report()));
      if (this.#options.isQuick) print([QUICK_NOTE, '']);
    } finally {
      await this.#fleet.discardAll();
      await loads.close();
    }
    return this.#runs.every(({ error }) => error === undefined);
  }

  async #runScenario(scenario: Scenario, systems: readonly SystemUnderTest[], loads: RunningLoads): Promise<void> {
    const { effort } = this.#options;
    const able = systems.filter(({ storesRecords }) => storesRecords || !scenario.needsStorage);
    const onRun = (run: Run): void => {
      this.#runs.push(run);
      this.#progress.sayRun(scenario, run);
    };
    if (scenario.kind === 'load') {
      await runLoad(scenario, able, { fleet: this.#fleet, loads, effort, onRun });
      return;
    }
    await this.#fleet.discardAll();
    await runLife(scenario, able, { workFolder: this.#workFolder, loads, effort }, onRun);
  }

  #save(): void {
    const file = resolve(this.#options.jsonFile);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, reportAsJson(this.#report()));
  }

  #report(): Report {
    const { effort, isQuick, systems } = this.#options;
    return {
      startedAt: this.#startedAt.toISOString(),
      seconds: Math.round((now() - this.#start) / 1000),
      machine: describeMachine(this.#workFolder),
      settings: { skarab: describeSkarab(), quick: isQuick, ...effort },
      systems,
      scenarios: this.#done.map(({ name, about, metrics }) => ({ name, about, metrics })),
      runs: this.#runs,
    };
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), new Date());
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  const selected = selectScenarios(scenarios, options.scenarios, options.isQuick);
  if (options.list) {
    print(scenarios.map(({ name, set, about }) => `${name.padEnd(26)} ${set.padEnd(6)} ${about}`));
    return;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const progress = new Progress((line) => void process.stderr.write(line));
  const isGood = await new Bench(options, progress).run(selected);
  progress.say(`all figures: ${resolve(options.jsonFile)}`);
  if (!isGood) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
