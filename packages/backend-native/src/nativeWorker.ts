/** The entry of the Worker in which the native engine computes for a page. */
import { serveBackend, type WorkerScope } from './remote/serve.ts';

serveBackend(globalThis as unknown as WorkerScope);
