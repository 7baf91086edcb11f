import { describeConformance } from '@weftjs/conformance';
import { describe, it } from 'vitest';
import { onnx } from './onnx.ts';

describeConformance({ describe, it }, 'onnx (web)', () => onnx({ target: 'web' }), { timeout: 300_000 });
describeConformance({ describe, it }, 'onnx (node)', () => onnx({ target: 'node' }), { timeout: 300_000 });
