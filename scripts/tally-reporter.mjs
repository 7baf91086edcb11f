/**
 * A vitest reporter that leaves the counts of a run in `.reports/tally.json`, so that `npm test` can print them as its last
 * line, after the notices of other tools. Where `WEFT_TEST_REQUIRE` demands `webgpu` or `browser`, a skipped test of the
 * projects that need it counts as a failure.
 */
import { mkdirSync, writeFileSync } from 'node:fs';

const required = new Set((process.env.WEFT_TEST_REQUIRE ?? '').split(',').filter(Boolean));

/** What a project's tests need of the machine. */
const needs = { webgpu: 'webgpu', browser: 'browser', pages: 'browser' };

export default class TallyReporter {
  onTestRunEnd(modules, errors) {
    const tally = { passed: 0, failed: errors.length, skipped: 0 };
    const problems = [];
    const ran = new Set();
    for (const module of modules) {
      const need = needs[module.project.name.split(' ')[0]];
      ran.add(need);
      // A file that could not be collected holds no tests, but it is a failure.
      tally.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        const demanded = required.has(need);
        if (state === 'passed' || state === 'failed') tally[state] += 1;
        else if (demanded) problems.push(`${module.project.name}: skipped, though required: ${test.fullName}`);
        else tally.skipped += 1;
      }
    }
    for (const need of required) if (!ran.has(need)) problems.push(`${need}: required, but no such test ran`);
    for (const problem of problems) console.error(problem);
    tally.failed += problems.length;
    if (problems.length > 0) process.exitCode = 1;
    mkdirSync('.reports', { recursive: true });
    writeFileSync('.reports/tally.json', JSON.stringify(tally));
  }
}
