/**
 * Starting the Workers of a page. Bundlers know this form and put the Workers' files into their output; esbuild does not, and leaves them out unless they
 * are copied there. The files lie beside this one in the sources, and beside the package's bundle in `dist`.
 */

/** One of several threads. */
export const startThread = (): Worker => new Worker(new URL('./nativeThread.js', import.meta.url), { type: 'module', name: 'nativeThread' });

/** The one that computes for a page. */
export const startCoordinator = (): Worker => new Worker(new URL('./nativeWorker.js', import.meta.url), { type: 'module', name: 'nativeWorker' });
