/**
 * What every storage must do. Call it inside a test file: it registers one test per promise of the port.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { StorageError } from '@skarab/base';
import type { Storage, StorageFile } from '../ports.ts';

/** A storage under test and an existing empty folder in it. */
export interface StorageUnderTest {
  readonly storage: Storage;
  readonly directory: string;
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function textOf(file: StorageFile, position = 0, length = 1000): string {
  const target = Buffer.alloc(length);
  return target.toString('latin1', 0, file.read(target, position));
}

function failsWith(errno: string): (error: unknown) => boolean {
  return (error) => error instanceof StorageError && error.errno === errno;
}

type Register = (promise: string, run: (under: StorageUnderTest) => void | Promise<void>) => void;

/** Registers the contract's tests for the storage that `make` gives. */
export function storageContract(name: string, make: () => StorageUnderTest | Promise<StorageUnderTest>): void {
  const contract: Register = (promise, run) => {
    test(`${name}: ${promise}`, async () => run(await make()));
  };
  writing(contract);
  moving(contract);
  folders(contract);
  whole(contract);
}

function writing(contract: Register): void {
  contract('a file comes into being with its first write', ({ storage, directory }) => {
    const file = storage.file(`${directory}/a`);
    assert.equal(file.size(), 0);
    assert.equal(storage.status(file.path), null);
    assert.throws(() => textOf(file), failsWith('ENOENT'));
    file.write([], 0);
    assert.deepEqual(storage.list(directory), [{ name: 'a', isDirectory: false }]);
    assert.equal(textOf(file), '');
  });

  contract('gathered writes land one behind the other', ({ storage, directory }) => {
    const file = storage.file(`${directory}/a`);
    file.write([bytes('ab'), bytes(''), bytes('cde')], 0);
    file.write(
      Array.from({ length: 3000 }, (_, i) => bytes(String(i % 10))),
      5,
    );
    assert.equal(file.size(), 3005);
    assert.equal(textOf(file, 0, 8), 'abcde012');
    assert.equal(textOf(file, 3000, 10), '56789');
    assert.equal(textOf(file, 4000), '');
  });

  contract('a write behind the end leaves zeros, one before it overwrites', ({ storage, directory }) => {
    const file = storage.file(`${directory}/a`);
    file.write([bytes('x')], 3);
    file.write([bytes('yz')], 0);
    assert.equal(textOf(file), 'yz\0x');
  });

  contract('reading without waiting gives the same bytes', async ({ storage, directory }) => {
    const file = storage.file(`${directory}/a`);
    file.write([bytes('hello')], 0);
    const target = Buffer.alloc(10);
    assert.equal(await file.readAsync(target, 2), 3);
    assert.equal(target.toString('latin1', 0, 3), 'llo');
    await assert.rejects(storage.file(`${directory}/b`).readAsync(target, 0), failsWith('ENOENT'));
  });

  contract('truncate cuts and extends; views stay what they were', ({ storage, directory }) => {
    const file = storage.file(`${directory}/a`);
    file.write([bytes('hello')], 0);
    const view = file.view(1, 3);
    file.truncate(2);
    file.write([bytes('XY')], 2);
    assert.equal(textOf(file), 'heXY');
    if (view !== undefined) assert.equal(Buffer.from(view).toString('latin1'), 'ell');
    file.truncate(6);
    assert.equal(textOf(file), 'heXY\0\0');
  });
}

function moving(contract: Register): void {
  contract('rename replaces, and a file follows its name', ({ storage, directory }) => {
    const file = storage.file(`${directory}/a`);
    file.write([bytes('new')], 0);
    storage.file(`${directory}/b`).write([bytes('old old')], 0);
    file.rename(`${directory}/b`);
    assert.equal(file.path, `${directory}/b`);
    assert.equal(textOf(storage.file(`${directory}/b`)), 'new');
    file.write([bytes('er')], 3);
    assert.equal(textOf(file), 'newer');
    assert.deepEqual(
      storage.list(directory).map((entry) => entry.name),
      ['b'],
    );
    const absent = storage.file(`${directory}/c`);
    absent.rename(`${directory}/d`);
    assert.equal(absent.path, `${directory}/d`);
    assert.throws(() => storage.rename(`${directory}/c`, `${directory}/d`), failsWith('ENOENT'));
  });

  contract('delete is final, and forgiving', ({ storage, directory }) => {
    const file = storage.file(`${directory}/a`);
    file.write([bytes('x')], 0);
    file.delete();
    file.delete();
    assert.equal(storage.delete(file.path), false);
    assert.throws(() => textOf(file), failsWith('ENOENT'));
    file.write([bytes('y')], 0);
    assert.equal(textOf(file), 'y');
    assert.equal(storage.delete(file.path), true);
  });

  contract('a retained file stays readable after its deletion', ({ storage, directory }) => {
    const file = storage.file(`${directory}/a`);
    file.write([bytes('kept')], 0);
    file.retain();
    storage.rename(file.path, `${directory}/a.deleted`);
    file.relocate(`${directory}/a.deleted`);
    storage.delete(`${directory}/a.deleted`);
    storage.close();
    assert.equal(textOf(file), 'kept');
    file.release();
    file.close();
    assert.throws(() => textOf(file), failsWith('ENOENT'));
  });
}

function folders(contract: Register): void {
  contract(
    'folders are made with those above, renamed with their content and removed with it',
    async ({ storage, directory }) => {
      assert.equal(storage.makeDirectory(`${directory}/x/y`), true);
      assert.equal(storage.makeDirectory(`${directory}/x/y`), false);
      assert.equal(storage.makeDirectory(`${directory}/x`), false);
      const file = storage.file(`${directory}/x/y/a`);
      file.write([bytes('1')], 0);
      storage.rename(`${directory}/x`, `${directory}/z`);
      file.relocate(`${directory}/z/y/a`);
      assert.equal(textOf(file), '1');
      assert.equal(textOf(storage.file(`${directory}/z/y/a`)), '1');
      assert.deepEqual(storage.list(directory), [{ name: 'z', isDirectory: true }]);
      assert.equal(storage.status(`${directory}/z`)?.isDirectory, true);
      assert.throws(() => storage.list(`${directory}/x`), failsWith('ENOENT'));
      assert.throws(() => storage.file(`${directory}/x/a`).write([bytes('1')], 0), failsWith('ENOENT'));
      await storage.remove(`${directory}/z`);
      await storage.remove(`${directory}/z`);
      await storage.remove(`${directory}/nothing`);
      assert.deepEqual(storage.list(directory), []);
    },
  );
}

function whole(contract: Register): void {
  contract('files are replaced as a whole', async ({ storage, directory }) => {
    const path = `${directory}/a`;
    assert.equal(storage.readFile(path), null);
    storage.replaceFile(path, bytes('first'));
    assert.equal(Buffer.from(storage.readFile(path)!).toString(), 'first');
    await storage.replaceFileDurably(path, bytes('2nd'));
    assert.equal(Buffer.from(storage.readFile(path)!).toString(), '2nd');
    assert.deepEqual(
      storage.list(directory).map((entry) => entry.name),
      ['a'],
    );
  });

  contract('syncing what is not there is no error', async ({ storage, directory }) => {
    await storage.file(`${directory}/a`).sync();
    await storage.syncDirectory(`${directory}/nowhere`);
    const file = storage.file(`${directory}/b`);
    file.write([bytes('1')], 0);
    await file.sync();
    await storage.syncDirectory(directory);
    assert.equal(textOf(file), '1');
  });

  contract('status tells size and time, and the time can be set', ({ storage, directory }) => {
    const file = storage.file(`${directory}/a`);
    file.write([bytes('123')], 0);
    storage.setModifiedMs(file.path, 1_700_000_000_000);
    assert.deepEqual(storage.status(file.path), { size: 3, modifiedMs: 1_700_000_000_000, isDirectory: false });
    const { totalBytes, usableBytes } = storage.space(directory);
    assert.ok(usableBytes > 0 && totalBytes >= usableBytes);
  });

  contract('a folder is locked once', ({ storage, directory }) => {
    const release = storage.lock(directory, '.lock');
    assert.ok(release !== null);
    assert.equal(storage.lock(directory, '.lock'), null);
    release();
    const again = storage.lock(directory, '.lock');
    assert.ok(again !== null);
    again();
    again();
  });
}
