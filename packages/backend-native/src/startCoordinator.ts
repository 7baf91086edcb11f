/** Starting the Worker that computes for a page, in the form that bundlers know. A file of its own: nothing that is in the Worker may lead to it, since bundlers follow it. */
export const startCoordinator = (): Worker => new Worker(new URL('./nativeWorker.js', import.meta.url), { type: 'module', name: 'nativeWorker' });
