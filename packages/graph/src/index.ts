/** @weftjs/graph: the tensor graph that models are traced to and engines compile. */
export * from './core/errors.ts';
export * from './core/types.ts';
export * from './core/graph.ts';
export * from './core/define.ts';
export * from './backend/contract.ts';
export * from './ops/index.ts';
export * from './autodiff/vjp.ts';
