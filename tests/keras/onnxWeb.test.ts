/** Keras's numbers on ONNX Runtime Web. */
import { onnx } from '@weftjs/backend-onnx';
import { kerasSuite } from './suite/index.ts';

// the runtime's Sigmoid is off by up to 1e-7 where it is close to 0, and silu multiplies that by x
const sigmoidTail = { relative: 1e-5, absolute: 2e-6 };

kerasSuite(onnx({ target: 'web' }), { looser: { silu: sigmoidTail, swish: sigmoidTail } });
