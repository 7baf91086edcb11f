/**
 * The import arrows: frontend -> graph <- backend-*; conformance knows only graph. One rule per arrow that must not exist.
 * Catches relative, type-only, package and dynamic imports alike.
 */
const tests = '\\.test\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'graph-knows-nobody',
      comment: '@weftjs/graph is the meeting place: it imports no other package of Weft.',
      severity: 'error',
      from: { path: '^packages/graph/src' },
      to: { path: '^packages/(?!graph/)' },
    },
    {
      name: 'conformance-knows-only-graph',
      severity: 'error',
      from: { path: '^packages/conformance/src' },
      to: { path: '^packages/(?!graph/|conformance/)' },
    },
    {
      name: 'backend-knows-only-graph',
      comment: 'A backend imports neither another backend nor the frontend; its tests may also call the conformance suite.',
      severity: 'error',
      from: { path: '^packages/backend-([^/]+)/src', pathNot: tests },
      to: { path: '^packages/(?!graph/|backend-$1/)' },
    },
    {
      name: 'backend-tests-know-graph-and-conformance',
      severity: 'error',
      from: { path: `^packages/backend-([^/]+)/src.*${tests}` },
      to: { path: '^packages/(?!graph/|conformance/|backend-$1/)' },
    },
    {
      name: 'frontend-knows-only-graph-and-native',
      severity: 'error',
      from: { path: '^packages/frontend/src' },
      to: { path: '^packages/(?!graph/|frontend/|backend-native/)' },
    },
    {
      name: 'frontend-loads-native-lazily',
      comment: 'The frontend reaches the native engine through one dynamic import(), so that bundles split there.',
      severity: 'error',
      from: { path: '^packages/frontend/src', pathNot: tests },
      to: { path: '^packages/backend-native/', dependencyTypesNot: ['dynamic-import'] },
    },
    {
      name: 'not-through-the-own-index',
      comment: "A file imports from where a thing is, never from its own package's index.",
      severity: 'error',
      from: { path: '^packages/([^/]+)/src', pathNot: `${tests}|^packages/[^/]+/src/index\\.ts$` },
      to: { path: '^packages/$1/src/index\\.ts$' },
    },
    {
      name: 'no-circular-values',
      comment: 'The frontend is published module by module, and bundlers report a circle of modules to every user. Its core and ops are one file; an `import()` closes no circle.',
      severity: 'error',
      from: { path: '^packages/frontend/src', pathNot: '^packages/frontend/src/(core|ops|config|random)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: { path: '^packages' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules|dist|build|\\.cache)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['weft-source', 'import', 'types', 'default'] },
  },
};
