/**
 * Starting a Worker of a page. Bundlers know this form and put the Worker's file into their output; esbuild does not, and leaves it out unless it is
 * copied there. The file lies beside this one in the sources, and beside the package's bundle in `dist`.
 */
export const startWorker = (): Worker => new Worker(new URL('./nativeThread.js', import.meta.url), { type: 'module', name: 'nativeThread' });
