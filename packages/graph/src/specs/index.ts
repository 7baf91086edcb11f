/** `@weftjs/graph/specs`: documentation and samples of all ops. For the conformance suite and the documentation, not for applications. */
export * from './sample.ts';
export * from './table.ts';
export * from './differentiate.ts';
