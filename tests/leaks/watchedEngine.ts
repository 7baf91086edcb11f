/** An engine whose memory a test can look at. */
import type { Backend, BackendFactory } from 'weftjs';

export interface WatchedEngine {
  readonly factory: BackendFactory;
  /** What the device holds now. */
  memory(): ReturnType<Backend['memory']>;
}

const makers: Record<string, () => Promise<(options: { target: never }) => BackendFactory>> = {
  native: async () => (await import('@weftjs/backend-native')).native,
  tfjs: async () => (await import('@weftjs/backend-tfjs')).tfjs,
  onnx: async () => (await import('@weftjs/backend-onnx')).onnx,
};

export async function watchedEngine(engine: string, target: string): Promise<WatchedEngine> {
  const make = await makers[engine]?.();
  if (!make) throw new Error(`The engines are ${Object.keys(makers).join(', ')}. Received: ${engine}.`);
  const factory = make({ target: target as never });
  let backend: Backend | undefined;
  return {
    factory: { ...factory, create: async () => (backend = await factory.create()) },
    memory() {
      if (!backend) throw new Error('the engine has not started');
      return backend.memory();
    },
  };
}
