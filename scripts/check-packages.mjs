/** Packs the packages and asks publint and are-the-types-wrong whether a stranger could install, import and type-check them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packAll } from './pack.mjs';

for (const [name, tarball] of Object.entries(packAll('.cache/packed'))) {
  const file = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) },
    strict: true,
  });
  for (const message of messages) console.error(`publint: ${name}: ${formatMessage(message, pkg)}`);
  const attw = spawnSync('node_modules/.bin/attw', [tarball, '--profile', 'esm-only', '--no-summary', '--no-emoji', '--format', 'ascii'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const clean = messages.length === 0 && attw.status === 0;
  if (attw.status !== 0) console.error(attw.stdout, attw.stderr);
  console.log(`${basename(tarball)}: ${(file.length / 1000).toFixed(0)} kB, ${clean ? 'clean' : 'PROBLEMS'}`);
  if (!clean) process.exitCode = 1;
}
