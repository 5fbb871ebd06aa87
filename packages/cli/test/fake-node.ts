/** Stand-ins for the server in tests of commands: what was asked for is kept, a node is a value. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerConfig } from '@skarab/config';
import type { FormatRequest } from '@skarab/metadata';
import type { FormatDirectories, RunningNode, StartNode, StartNodeOptions } from '../src/node/running-node.ts';

export class FakeServer {
  readonly started: BrokerConfig[] = [];
  readonly options: StartNodeOptions[] = [];
  readonly formatted: FormatRequest[] = [];
  stopped = 0;
  /** Makes a start fail, or a started node end. */
  startError: Error | undefined;
  ended: Promise<void> = new Promise(() => {});

  readonly loadStartNode = (): Promise<StartNode> =>
    Promise.resolve((config, _logger, options = {}) => {
      if (this.startError !== undefined) return Promise.reject(this.startError);
      this.started.push(config);
      this.options.push(options);
      const stop = (): Promise<void> => {
        this.stopped++;
        return Promise.resolve();
      };
      const node: RunningNode = { bootstrapServers: '127.0.0.1:9092', clusterId: 'c', stop, ended: this.ended };
      return Promise.resolve(node);
    });

  readonly loadFormatter = (): Promise<FormatDirectories> =>
    Promise.resolve((request, print) => {
      this.formatted.push(request);
      for (const directory of request.directories) {
        mkdirSync(directory, { recursive: true });
        writeFileSync(join(directory, 'meta.properties'), `version=1\ncluster.id=${request.clusterId}\n`);
        print(`Formatting ${directory}`);
      }
      return Promise.resolve();
    });
}
