import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busySecondsIn, cpuSecondsIn, cpuSecondsOf, residentIn, residentOf } from './proc-stat.ts';
import { counterIn } from './tcp-counters.ts';

test('CPU time is user plus system, whatever the name of the program', () => {
  const stat = '4242 (a) b (c) S 1 4242 4242 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 11 0 12345 1 2';
  assert.equal(cpuSecondsIn(stat), 2);
  assert.equal(cpuSecondsIn('4242 (cut'), undefined);
});

test('the machine is busy with all but idling and waiting for devices', () => {
  assert.equal(busySecondsIn('cpu  100 20 30 9999 8888 1 2 47 5 5\ncpu0 1 1 1 1 1 1 1 1 0 0\n'), 2);
  assert.equal(busySecondsIn('intr 5\n'), undefined);
});

test('resident memory is read in MiB', () => {
  const status = 'Name:\tnode\nVmPeak:\t  9999 kB\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n';
  assert.deepEqual(residentIn(status), { nowMiB: 10, peakMiB: 20 });
  assert.equal(residentIn('Name:\tkthreadd\n'), undefined);
});

test('a counter is found by its name', () => {
  const netstat = 'TcpExt: SyncookiesSent DelayedACKs Other\nTcpExt: 1 77 3\nIpExt: DelayedACKs\nIpExt: 5\n';
  assert.equal(counterIn(netstat, 'TcpExt', 'DelayedACKs'), 77);
  assert.equal(counterIn(netstat, 'TcpExt', 'Missing'), undefined);
  assert.equal(counterIn('', 'TcpExt', 'DelayedACKs'), undefined);
});

test('a process that is not there has no figures', { skip: process.platform !== 'linux' }, () => {
  assert.equal(cpuSecondsOf(2 ** 30), undefined);
  assert.equal(residentOf(2 ** 30), undefined);
  assert.ok((cpuSecondsOf(process.pid) ?? 0) > 0);
  assert.ok((residentOf(process.pid)?.nowMiB ?? 0) > 10);
});
