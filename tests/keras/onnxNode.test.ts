/** Keras's numbers on ONNX Runtime for Node. */
import { onnx } from '@weftjs/backend-onnx';
import { kerasSuite } from './suite/index.ts';

kerasSuite(onnx({ target: 'node' }));
