/** Keras's numbers on TensorFlow.js, WebAssembly. */
import { tfjs } from '@weftjs/backend-tfjs';
import { kerasSuite } from './suite/index.ts';

kerasSuite(tfjs({ target: 'wasm' }));
