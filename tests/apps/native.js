// The native engine alone.
export * from '@weftjs/backend-native';
