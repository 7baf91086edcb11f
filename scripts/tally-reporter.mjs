/**
 * A vitest reporter that writes one line, `N passed, N failed, N skipped`, to `.reports/tally.txt`, so that the last line
 * of a run can be printed after everything else (npm may print notices after the tests).
 */
import { mkdirSync, writeFileSync } from 'node:fs';

export default class TallyReporter {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      // A file that could not be collected holds no tests, but it is a failure.
      count.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') count.passed += 1;
        else if (state === 'failed') count.failed += 1;
        else count.skipped += 1;
      }
    }
    mkdirSync('.reports', { recursive: true });
    writeFileSync('.reports/tally.txt', `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
