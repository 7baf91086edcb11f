/** A fixed slice of the conformance suite on the engines that Node has; `pnpm conformance --backend=tfjs` runs all of it. */
import { describeConformance } from '@weftjs/conformance';
import { describe, it } from 'vitest';
import { tfjs } from './factory.ts';

for (const target of ['cpu', 'wasm']) describeConformance({ describe, it }, `tfjs ${target}`, () => tfjs({ target }));
