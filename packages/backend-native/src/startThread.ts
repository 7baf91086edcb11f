/**
 * Starting a Worker of a page as one of several threads. Bundlers know this form and put the Worker's file into their output; esbuild does not, and leaves it out
 * unless it is an entry point there. The file lies beside this one in the sources, and beside the package's bundle in `dist`.
 */
export const startThread = (): Worker => new Worker(new URL('./nativeThread.js', import.meta.url), { type: 'module', name: 'nativeThread' });
