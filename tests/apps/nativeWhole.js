// The native engine with its Worker for pages: the threads' file holds nothing besides.
export * from '@weftjs/backend-native';
import '@weftjs/backend-native/nativeWorker';
