/** `@weftjs/graph/serialize`: graphs as JSON. An entry of its own, since reading needs the tables of all ops. */
export * from './serializeGraph.ts';
