/** Keras's numbers on the native compiler, WebAssembly. */
import { native } from '@weftjs/backend-native';
import { kerasSuite } from './suite/index.ts';

kerasSuite(native({ target: 'wasm' }));
