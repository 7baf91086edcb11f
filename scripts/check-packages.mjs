/** Packs the packages and asks publint and are-the-types-wrong whether a stranger could install, import and type-check them. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packAll } from './pack.mjs';

/** What are-the-types-wrong found, or '' when the types are right. */
function typeProblems(tarball) {
  const options = ['--profile', 'esm-only', '--no-summary', '--no-emoji', '--format', 'ascii'];
  return new Promise((resolve) => {
    const attw = 'node_modules/@arethetypeswrong/cli/dist/index.js';
    execFile(process.execPath, [attw, tarball, ...options], (error, stdout, stderr) => resolve(error ? stdout + stderr : ''));
  });
}

async function problemsOf(tarball) {
  const file = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) },
    strict: true,
  });
  const texts = messages.map((message) => `publint: ${formatMessage(message, pkg)}`);
  const types = await typeProblems(tarball);
  return { kilobytes: file.length / 1000, problems: types === '' ? texts : [...texts, types] };
}

const tarballs = Object.values(packAll('.cache/packed'));
for (const [index, { kilobytes, problems }] of (await Promise.all(tarballs.map(problemsOf))).entries()) {
  console.log(`${basename(tarballs[index])}: ${kilobytes.toFixed(0)} kB, ${problems.length === 0 ? 'clean' : 'PROBLEMS'}`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
