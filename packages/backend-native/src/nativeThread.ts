/** The entry of the Workers that the native engine starts in isolated pages, each as one of several threads. */
import { serve, type Port } from './wasm/threads/serve.ts';

serve(globalThis as unknown as Port);
