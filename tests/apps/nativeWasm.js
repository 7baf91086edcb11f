// The native engine and its target WebAssembly, which it loads when it makes a backend.
export * from '@weftjs/backend-native';
export * from '../../packages/backend-native/dist/backend.js';
