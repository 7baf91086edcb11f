/** Keras's numbers on the reference evaluator: what the frontend means, apart from any engine's arithmetic. */
import { reference } from '../../packages/frontend/src/testing/referenceBackend.ts';
import { kerasSuite } from './suite/index.ts';

kerasSuite(reference);
