/** @weftjs/graph: the tensor graph that models are traced to and engines compile. */
export * from './core/errors.ts';
export * from './core/types.ts';
export * from './core/graph.ts';
export * from './core/define.ts';
export * from './backend/contract.ts';
export * from './backend/registry.ts';
export * from './ops/index.ts';
export * from './autodiff/vjp.ts';
export * from './passes/expandComposites.ts';
export * from './passes/commonSubexpressions.ts';
export * from './passes/normalize.ts';
export * from './print/formatGraph.ts';
export * from './print/hashGraph.ts';
