/** Keras's numbers on TensorFlow.js, plain JavaScript. */
import { tfjs } from '@weftjs/backend-tfjs';
import { kerasSuite } from './suite/index.ts';

kerasSuite(tfjs({ target: 'cpu' }));
